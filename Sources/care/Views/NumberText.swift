import CareValues

/// `1,204,118`
func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
        text.append(digit)
    }
    return number < 0 ? "-" + text : text
}

/// `1 customer`, `2,357 customers`
func counted(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? singular : plural ?? singular + "s")"
}

/// A sentence in lines of at most 100 columns, those after the first indented by two.
func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    var line: String?
    for word in text.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
        guard let begun = line else {
            line = word
            continue
        }
        if displayWidth(begun) + 1 + displayWidth(word) > 100 {
            lines.append(begun)
            line = "  " + word
        } else {
            line = begun + " " + word
        }
    }
    return lines + [line ?? ""]
}

/// Lines of columns: text left, numbers right, padded by display width.
struct Table {
    /// How a column stands.
    enum Side {
        case left
        case right
    }
    private let sides: [Side]
    private var rows: [[String]] = []

    init(_ sides: [Side]) {
        self.sides = sides
    }

    /// Adds a line; missing cells are empty.
    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    /// The lines, each behind `indent`, two blanks between columns; no blanks at the ends of lines.
    func lines(indent: String = "  ", gap: String = "  ") -> [String] {
        var widths = [Int](repeating: 0, count: sides.count)
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], displayWidth(cell))
            }
        }
        return rows.map { row in
            var line = indent
            for (index, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: max(0, widths[index] - displayWidth(cell)))
                line += sides[index] == .left ? cell + padding : padding + cell
                if index < row.count - 1 { line += gap }
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
