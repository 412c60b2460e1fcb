import CareLogic
import CareValues

/// A tree in lines: name, operands and result in columns, branches before them.
struct TextTree {
    /// A node.
    struct Branch {
        var name: String
        var detail: String
        var result: String
        var children: [Branch] = []

        init(_ name: String, _ detail: String, _ result: String) {
            self.name = name
            self.detail = detail
            self.result = result
        }
    }

    private var branches: [Branch] = []

    /// Adds a branch at the root.
    mutating func add(_ branch: Branch) {
        branches.append(branch)
    }

    /// The tree's lines; results stand in one column.
    var lines: [String] {
        var rows: [(left: String, result: String)] = []
        append(branches, before: "", to: &rows)
        let width = min(rows.map { displayWidth($0.left) }.max() ?? 0, 72)
        return rows.map { left, result in
            guard !result.isEmpty else { return left }
            return left + String(repeating: " ", count: max(0, width - displayWidth(left))) + "  " + result
        }
    }

    private func append(_ branches: [Branch], before: String, to rows: inout [(left: String, result: String)]) {
        let width = branches.map { displayWidth($0.name) }.max() ?? 0
        for (index, branch) in branches.enumerated() {
            let isLast = index == branches.count - 1
            let padding = String(repeating: " ", count: width - displayWidth(branch.name))
            let text = branch.detail.isEmpty ? branch.name : branch.name + padding + "  " + branch.detail
            rows.append((before + (isLast ? "└ " : "├ ") + text, branch.result))
            append(branch.children, before: before + (isLast ? "   " : "│  "), to: &rows)
        }
    }
}
