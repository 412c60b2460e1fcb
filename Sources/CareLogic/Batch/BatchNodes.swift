import CareValues

/// One typed column: what is known of every customer under one aspect, as numbers.
public struct BatchColumn: Hashable, Sendable {
    /// Where its values come from.
    public enum Source: Hashable, Sendable {
        /// An attribute by index, its default included.
        case attribute(Int)
        /// A trait by index, as of the block's `now`.
        case trait(Int)
    }

    /// As what number a value stands in the column.
    public enum Aspect: UInt8, Hashable, Sendable {
        /// A number as it is.
        case number
        /// 0 or 1.
        case flag
        /// Days since 1970-01-01: of an instant those of its local date.
        case day
        /// Milliseconds since 1970-01-01T00:00Z.
        case instant
        /// The day of birth, in days since 1970-01-01; missing where the year is unknown.
        case birthDay
        /// The day of a leap year, 1...366, on which a birthday returns.
        case yearDay
        /// The position among the words that the attribute may have.
        case word
        /// The position in the block's dictionary of texts.
        case text
    }

    /// Where its values come from.
    public let source: Source
    /// As what number a value stands in the column.
    public let aspect: Aspect
}

/// A step that gives one truth for every customer of a block. Its operands are nodes before it.
enum MaskNode: Hashable, Sendable {
    case constant(Bool)
    /// The column's value is in the set.
    case set(column: Int, ValueSet)
    /// The same, the set being known when the clock is.
    case clock(column: Int, ColumnTest)
    /// The text is one of these, in UTF-8; `outcome` false: it is not.
    case texts(column: Int, [[UInt8]], holdsMissing: Bool, outcome: Bool)
    /// A condition over one text column, asked once for each text of the dictionary.
    case perText(column: Int, scalar: Int, outcome: Bool)
    /// A comparison of two numbers, not both constant.
    case compare(Int, Comparison, Int, outcome: Bool)
    /// The number is missing, or it is not.
    case isMissing(Int, outcome: Bool)
    /// The number is neither 0 nor missing; `outcome` false: it is 0.
    case truth(Int, outcome: Bool)
    /// A condition without a column form, asked of one customer after the other.
    case scalar(Int, outcome: Bool)
    case not(Int)
    case and([Int])
    case or([Int])
}

/// A step that gives one number for every customer of a block; missing is NaN.
enum NumberNode: Hashable, Sendable {
    case constant(Double)
    case column(Int)
    case today
    case now
    /// `days_since`, `days_until`, `age`, `days_until_birthday` of a column as a number.
    case clock(column: Int, ClockTest.Function)
    case add(Int, Int)
    case subtract(Int, Int)
    case multiply(Int, Int)
    case divide(Int, Int)
    case modulo(Int, Int)
    case minimum(Int, Int)
    case maximum(Int, Int)
    /// The second where the mask is true, else the third.
    case select(mask: Int, Int, Int)
    /// The first, or the second where the first is missing.
    case coalesce(Int, Int)
}

/// A part of a condition that is left to the scalar form.
struct ScalarPart: Sendable {
    var program: Program
    var root: Int
    /// The operator, for people.
    var label: String
    /// The one attribute that decides it, if there is only one.
    var attribute: Int?
}
