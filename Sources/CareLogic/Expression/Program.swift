import CareValues
import Synchronization

/// A step of a compiled expression: what to do, and where its operands are. Trivial, so that it is copied without
/// counting references.
struct Instruction: Sendable {
    var code: Code
    var comparison: Comparison
    /// The first operand's place in `Program.operands`; for reads the index of what is read.
    var a: Int32
    /// How many operands there are.
    var b: Int32
    /// An index into `orders` or `paths`, of `and` and `or` perhaps ``truthOnly``, or -1.
    var c: Int32

    /// The mark of an `and` or `or` of whose value only the truth counts.
    static let truthOnly: Int32 = 1

    init(_ code: Code, a: Int, b: Int = 0, c: Int = -1, comparison: Comparison = .equal) {
        self.code = code
        self.comparison = comparison
        self.a = Int32(truncatingIfNeeded: a)
        self.b = Int32(truncatingIfNeeded: b)
        self.c = Int32(truncatingIfNeeded: c)
    }

    enum Code: UInt8, Sendable {
        // Reads
        case constant, list, attribute, trait, customerID, eventType, eventID, eventSource, eventTime, eventProperty
        case entry, element, segment
        // Logic
        case compare, not, truth, and, or, conditional, coalesce, contains
        // Numbers
        case add, subtract, multiply, divide, modulo, minimum, maximum
        // Text
        case concatenate, substring, startsWith, endsWith
        // Lists
        case merge, map, filter, reduce, all, some, none, missing, missingSome
        // Time and chance
        case now, today, daysSince, daysUntil, age, daysUntilBirthday, within, bucket
    }
}

/// The relations that values are compared by.
enum Comparison: UInt8, Sendable {
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual, identical, notIdentical

    var isOrdered: Bool { rawValue < Comparison.equal.rawValue }

    /// The relation with the operands exchanged.
    var mirrored: Comparison {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        default: self
        }
    }

    var name: String {
        switch self {
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .equal: "=="
        case .notEqual: "!="
        case .identical: "==="
        case .notIdentical: "!=="
        }
    }

    init?(name: String) {
        switch name {
        case "<": self = .less
        case "<=": self = .lessOrEqual
        case ">": self = .greater
        case ">=": self = .greaterOrEqual
        case "==": self = .equal
        case "!=": self = .notEqual
        case "===": self = .identical
        case "!==": self = .notIdentical
        default: return nil
        }
    }

    @inline(__always)
    func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .equal, .identical: left == right
        case .notEqual, .notIdentical: left != right
        }
    }
}

/// A compiled expression: a tree of instructions in one array, operands before the operators that use them.
final class Program: Sendable {
    let source: JSONValue
    let uses: ExpressionUses
    let instructions: [Instruction]
    let operands: [Int32]
    let constants: [LogicValue]
    let paths: [[String]]
    let orders: [[String]]
    let types: [AttributeType]
    let root: Int
    /// What rule tests have seen of the condition's tests; see ``ConditionObservation``. The highest bit of
    /// ``wasTrue`` says whether anybody watches.
    let wasTrue = Atomic<UInt64>(0)
    let wasFalse = Atomic<UInt64>(0)
    static let isObserved: UInt64 = 1 << 63

    init(
        source: JSONValue, uses: ExpressionUses, instructions: [Instruction], operands: [Int32],
        constants: [LogicValue], paths: [[String]], orders: [[String]],
        types: [AttributeType], root: Int
    ) {
        self.source = source
        self.uses = uses
        self.instructions = instructions
        self.operands = operands
        self.constants = constants
        self.paths = paths
        self.orders = orders
        self.types = types
        self.root = root
    }

    /// The instruction of an operand by position.
    @inline(__always)
    func operand(_ instruction: Instruction, _ position: Int) -> Int {
        Int(operands[Int(instruction.a) + position])
    }
}
