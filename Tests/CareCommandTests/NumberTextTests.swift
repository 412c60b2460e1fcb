import CareValues
import Testing

@testable import care

@Suite struct WrappedTextTests {
    @Test func `a sentence is broken between words at 100 columns`() {
        #expect(wrapped("") == [""])
        #expect(wrapped("  Nothing due: a, b.") == ["  Nothing due: a, b."])
        let exact = String(repeating: "x", count: 49) + " " + String(repeating: "y", count: 50)
        #expect(wrapped(exact) == [exact], "100 columns are one line")
        let long = String(repeating: "x", count: 50) + " " + String(repeating: "y", count: 50)
        #expect(wrapped(long) == [String(repeating: "x", count: 50), "  " + String(repeating: "y", count: 50)])
        // A Chinese character is two columns wide.
        let chinese = String(repeating: "客", count: 25) + " " + String(repeating: "户", count: 25)
        #expect(wrapped(chinese).count == 2)
        let word = String(repeating: "z", count: 130)
        #expect(wrapped(word) == [word], "a word is not broken")
    }
}
