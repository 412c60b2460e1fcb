import CareValues
import Testing

@testable import CareConsole

/// What keeps pages safe: text cannot become markup.
@Suite struct MarkupTests {
    @Test(arguments: [
        ("plain", "plain"), ("a & b", "a &amp; b"), ("<script>", "&lt;script&gt;"), ("\"'", "&quot;&#39;"),
        ("你好 🎂", "你好 🎂"), ("a\nb\tc", "a\nb\tc"), ("a\u{0}b\u{7F}\u{1B}", "a\u{FFFD}b\u{FFFD}\u{FFFD}"), ("", ""),
    ])
    func `text is escaped, and what HTML cannot hold is replaced`(_ text: String, _ html: String) {
        #expect(Markup.text(text).html == html)
    }

    @Test func `values of attributes are escaped too, and void elements have no end`() {
        let input = tag("input", Attribute("value", "\"><script>x</script>"), .flag("required"))
        #expect(input.html == "<input value=\"&quot;&gt;&lt;script&gt;x&lt;/script&gt;\" required>")
        #expect(tag("p", "note") { "a<b" }.html == "<p class=\"note\">a&lt;b</p>")
    }

    @Test(arguments: [
        ("a b", "/console/customers/a%20b"), ("../x", "/console/customers/..%2Fx"), ("..", "/console/customers/%2E%2E"),
        (".", "/console/customers/%2E"), ("javascript:alert(1)", "/console/customers/javascript%3Aalert%281%29"),
        ("谢", "/console/customers/%E8%B0%A2"), ("a.b-c_d~e", "/console/customers/a.b-c_d~e"),
        ("?q#f&\"<", "/console/customers/%3Fq%23f%26%22%3C"),
    ])
    func `a link leads nowhere but to a place of the console`(_ id: String, _ path: String) {
        #expect(Link.customer(id).text == path)
    }

    @Test func `a query leaves out what has no value`() {
        #expect(Link(["ledger"], [("a", nil), ("b", "x y&z"), ("c", "")]).text == "/console/ledger?b=x%20y%26z&c=")
    }

    @Test(arguments: [(0.0, "0"), (1.0, "1"), (12.345, "12.35"), (0.05, "0.05"), (-3.5, "-3.5"), (2.999, "3")])
    func `numbers of drawings have at most two decimals`(_ value: Double, _ text: String) {
        #expect(Attribute.decimal(value) == text)
    }
}
