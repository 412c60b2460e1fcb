import CareValues

extension DeclarationReader {
    /// The segments by index; each may use others, in any order, but not itself through them.
    mutating func compileSegments(_ members: [SchemaBuilder.Member], over schema: Schema) -> [SegmentDeclaration] {
        let names = members.map { $0.key.string ?? "" }
        var indexes: [String: Int] = [:]
        for (index, name) in names.enumerated() { indexes[name] = index }

        var result: [SegmentDeclaration] = []
        var uses: [[(index: Int, node: JSONNode)]] = []
        for member in members {
            if member.key.string?.isEmpty ?? true {
                findings.error("rule.bad-name", at: member.key, "a segment needs a name")
            }
            var compiler = ExpressionCompiler(schema: schema, scope: .none)
            compiler.segmentIndexes = indexes
            let expression = compiler.compile(member.value, expecting: .condition)
            findings.diagnostics += compiler.findings.diagnostics
            result.append(
                SegmentDeclaration(name: member.key.string ?? "", condition: expression ?? .never))
            uses.append(compiler.segmentUses)
        }
        refuseCircles(names: names, uses: uses)
        return result
    }

    /// One finding per circle, at the reference that closes it.
    private mutating func refuseCircles(names: [String], uses: [[(index: Int, node: JSONNode)]]) {
        var state = [UInt8](repeating: 0, count: names.count)  // 0 new, 1 on the path, 2 done
        var path: [Int] = []
        var isTooDeep = false
        var circles: [(node: JSONNode, names: [String])] = []

        func visit(_ index: Int) {
            state[index] = 1
            path.append(index)
            if path.count > LogicLimits.segmentDepth { isTooDeep = true }
            guard path.count <= LogicLimits.segmentDepth else { return }
            for use in uses[index] {
                if state[use.index] == 0 {
                    visit(use.index)
                } else if state[use.index] == 1, let start = path.firstIndex(of: use.index) {
                    circles.append((use.node, path[start...].map { names[$0] } + [names[use.index]]))
                }
            }
            path.removeLast()
            state[index] = 2
        }
        for index in names.indices where state[index] == 0 { visit(index) }
        if isTooDeep, let node = uses.first(where: { !$0.isEmpty })?.first?.node {
            findings.error(
                "rule.limit", at: node, "segments are built on each other more than \(LogicLimits.segmentDepth) deep")
        }
        for circle in circles {
            findings.error(
                "rule.circular", at: circle.node, "segment '\(circle.names[0])' is part of its own condition",
                help: "via " + circle.names.joined(separator: " → "))
        }
    }
}
