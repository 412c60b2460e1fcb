import CareValues

extension DeclarationReader {
    /// The segments by index; each may use others, in any order, but not itself through them.
    mutating func compileSegments(
        _ members: [SchemaBuilder.Member], over schema: Schema, indexes: [String: Int], graph: inout DependencyGraph
    ) -> [SegmentDeclaration] {
        var result: [SegmentDeclaration] = []
        for member in members {
            let name = member.key.string ?? ""
            if name.isEmpty { findings.error("rule.bad-name", at: member.key, "a segment needs a name") }
            var compiler = ExpressionCompiler(schema: schema, scope: .none)
            compiler.segmentIndexes = indexes
            let expression = compiler.compile(member.value, expecting: .condition)
            findings.diagnostics += compiler.findings.diagnostics
            graph.note(compiler, of: .segment(name), over: schema)
            result.append(SegmentDeclaration(name: name, condition: expression ?? .never))
        }
        return result
    }
}
