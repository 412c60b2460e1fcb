import CareValues

/// Which segments and computed traits read which others, so that none is part of itself.
struct DependencyGraph {
    /// A segment or a trait by its name.
    enum Name: Hashable {
        case trait(String)
        case segment(String)

        var text: String {
            switch self {
            case .trait(let name), .segment(let name): name
            }
        }

        /// What a finding says of one that is part of itself.
        var phrase: String {
            switch self {
            case .trait(let name): "trait '\(name)' is computed from itself"
            case .segment(let name): "segment '\(name)' is part of its own condition"
            }
        }
    }

    private var names: [Name] = []
    private var positions: [Name: Int] = [:]
    private var uses: [[(name: Name, node: JSONNode)]] = []

    /// Notes what an expression of `name` reads.
    mutating func note(_ compiler: ExpressionCompiler, of name: Name, over schema: Schema) {
        let read =
            compiler.traitUses.map { (name: Name.trait(schema.traits[$0.index].name), node: $0.node) }
            + compiler.segmentUses.map { (name: Name.segment($0.name), node: $0.node) }
        if let position = positions[name] {
            uses[position] += read
        } else {
            positions[name] = names.count
            names.append(name)
            uses.append(read)
        }
    }

    /// One finding per circle, at the reference that closes it, and one when they are built on each other too deep.
    func refuseCircles(_ findings: inout RuleFindings) {
        var state = [UInt8](repeating: 0, count: names.count)  // 0 new, 1 on the path, 2 done
        var path: [Int] = []
        // How many stand on each other below one, itself included.
        var heights = [Int](repeating: 0, count: names.count)
        var deep: JSONNode?
        var circles: [(node: JSONNode, names: [Name])] = []

        func visit(_ index: Int) {
            state[index] = 1
            path.append(index)
            var height = 0
            for use in uses[index] {
                guard let position = positions[use.name] else { continue }
                if state[position] == 0, path.count < LogicLimits.segmentDepth { visit(position) }
                if state[position] == 1, let start = path.firstIndex(of: position) {
                    circles.append((use.node, path[start...].map { names[$0] } + [use.name]))
                } else {
                    // One that was not visited lies deeper than the path may go.
                    height = max(height, state[position] == 0 ? LogicLimits.segmentDepth : heights[position])
                    if height >= LogicLimits.segmentDepth { deep = deep ?? use.node }
                }
            }
            path.removeLast()
            heights[index] = height + 1
            state[index] = 2
        }
        for index in names.indices where state[index] == 0 { visit(index) }
        if let deep {
            findings.error(
                "rule.limit", at: deep,
                "segments and traits are built on each other more than \(LogicLimits.segmentDepth) deep")
        }
        for circle in circles {
            findings.error(
                "rule.circular", at: circle.node, circle.names[0].phrase,
                help: "via " + circle.names.map(\.text).joined(separator: " → "))
        }
    }
}
