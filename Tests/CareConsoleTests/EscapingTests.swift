import CareStore
import CareValues
import Foundation
import Testing

@testable import CareAPI
@testable import CareConsole

/// Whatever a text is, pages keep their shape: the tags of a page with hostile texts are those of one with plain words.
@Suite struct EscapingTests {
    static let hostile = [
        "<script>alert(1)</script>", "\"><script>alert(1)</script>", "' onmouseover='alert(1)",
        "\" autofocus onfocus=\"x",
        "</title><svg/onload=alert(1)>", "</pre></td></table><b>", "<!--", "-->", "]]>", "&lt;script&gt;",
        "&#60;script&#62;", "javascript:alert(1)", "data:text/html,<b>x", "{{customer.id}}x", "[[strong]] {n}",
        "\u{202E}evil\u{202C}", "مرحبا", "👩‍👩‍👧‍👦 Z̸̡͝a͏lgo", "' OR 1=1 --", "'; DROP TABLE ledger; --",
        "%00%0d%0aSet-Cookie:x=1",
        "../../etc/passwd", "C:\\x\\y", "a/b?c=d&e=f#g", "+1 +1%2B", "`$(id)`", "<img src=x onerror=alert(1)>",
        "\u{FEFF}\u{200B}",
        "tab\tand\nline", "<a href=\"//evil.example\">x</a>", String(repeating: "long", count: 60),
    ]

    /// The tags of a page, without the values of their attributes. By scalars, as browsers read: a sign that joins the one
    /// before it hides no bracket.
    static func shape(_ html: String) -> [String] {
        html.matches(of: /<[^>]*>/.matchingSemantics(.unicodeScalar)).map { match in
            String(match.0).replacing(/="[^"]*"/.matchingSemantics(.unicodeScalar), with: "=")
        }
    }

    /// The first tag in which a page's shape is not another's; nil: there is none. A difference of all would take long.
    static func differing(_ shape: [String], _ wanted: [String]) -> String? {
        for (one, other) in zip(shape, wanted) where one != other { return one + " for " + other }
        return shape.count == wanted.count ? nil : "\(shape.count) tags for \(wanted.count)"
    }

    /// The pages of a world, by a name that is the same in every world.
    static func pages(_ world: ConsoleWorld, _ text: (Int) -> String) async throws -> [(name: String, path: String)] {
        var pages = [
            ("overview", "/console/overview"), ("campaigns", "/console/campaigns"),
            ("search", "/console/campaigns?text=zz" + Link.encoded(text(0))),
            ("campaign", "/console/campaigns/complaint-care"), ("daily", "/console/campaigns/daily-note"),
            ("plan", "/console/plan?days=7"), ("customers", "/console/customers"),
            ("prefix", "/console/customers?id=" + Link.encoded("c1")),
            ("none", "/console/customers?id=zz" + Link.encoded(text(0))),
            ("deliveries", "/console/deliveries?state=waiting"),
            ("of", "/console/deliveries?state=waiting&customer=zz" + Link.encoded(text(0))),
            ("ledger", "/console/ledger"),
            ("ledger of", "/console/ledger?customer=zz" + Link.encoded(text(0)) + "&campaign=" + Link.encoded(text(1))),
            ("rules", "/console/rules"), ("rule", "/console/rules/complaint-care"),
            ("destination", "/console/destinations/helpdesk"),
            ("settings", "/console/settings"), ("flash", "/console/overview?done=enable&name=" + Link.encoded(text(0))),
            ("no page", "/console/zz" + Link.encoded(text(0))),
            ("no customer", "/console/customers/zz" + Link.encoded(text(0))),
            ("confirm", "/console/confirm/approve?campaign=" + Link.encoded(text(0))),
            ("reload", "/console/confirm/reload"),
            ("token", "/console/confirm/revoke?token=" + Link.encoded(text(0))),
            ("disable", "/console/confirm/disable?destination=helpdesk"),
        ]
        for number in hostile.indices {
            pages.append(("customer \(number)", Link.customer(ConsoleWorld.id(number, text(number))).text))
        }
        for (number, delivery) in try world.deliveries().enumerated() where number % 3 == 0 {
            pages.append(("delivery \(number)", Link.delivery(delivery.order.id).text))
        }
        return pages
    }

    @Test func `hostile texts change no tag of any page`() async throws {
        let plain = try ConsoleWorld(rules: ConsoleWorld.rules("plain words"))
        let evil = try ConsoleWorld(rules: ConsoleWorld.rules(Self.hostile[1] + "!"))
        try await plain.fill(Self.hostile.count) { _ in "plain" }
        try await evil.fill(Self.hostile.count) { Self.hostile[$0] }
        let (one, two) = (try plain.session(.admin), try evil.session(.admin))
        let plainPages = try await Self.pages(plain) { _ in "plain" }
        let evilPages = try await Self.pages(evil) { Self.hostile[$0] }
        #expect(plainPages.map(\.name) == evilPages.map(\.name))
        for (first, second) in zip(plainPages, evilPages) {
            let (expected, answer) = (try await plain.get(first.path, one), try await evil.get(second.path, two))
            #expect(expected.status == answer.status, "\(first.name)")
            let (shape, wanted) = (Self.shape(answer.text), Self.shape(expected.text))
            let place =
                zip(shape, wanted).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                ?? min(shape.count, wanted.count)
            #expect(
                shape == wanted,
                "\(first.name), tag \(place): \(shape.dropFirst(max(0, place - 2)).prefix(5)), not \(wanted.dropFirst(max(0, place - 2)).prefix(5))"
            )
            for text in ["<script>alert", "<img src=x", "<svg/onload", "<b>x", "href=\"javascript", "href=\"//"] {
                #expect(!answer.text.contains(text), "\(first.name): \(text)")
            }
        }
        // What is in the audit log and in a token's name is shown too.
        for (world, session, text) in [(plain, one, "plain"), (evil, two, Self.hostile[0])] {
            let made = try await world.post("/console/settings/tokens", session, [("name", text), ("scope", "ingest")])
            #expect(made.status == 200 && made.text.contains("care_"))
        }
        let settings = (
            try await plain.get("/console/settings", one).text, try await evil.get("/console/settings", two).text
        )
        #expect(Self.shape(settings.0) == Self.shape(settings.1))
        #expect(!settings.1.contains("<script>alert"))
    }

    @Test func `nothing personal is shown until it is asked for, and asking is written down`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(1) { _ in "li.na" }
        let (reader, operator_) = (try world.session(.read), try world.session(.operate))
        let path = Link.customer(ConsoleWorld.id(0, "li.na")).text
        let masked = try await world.get(path, reader)
        #expect(
            masked.status == 200 && masked.text.contains("l•••@example.com")
                && !masked.text.contains("li.na@example.com"))
        #expect(try await world.post(path + "/reveal", reader).status == 403)
        #expect(try world.context.audit.entries(limit: 9).isEmpty)
        let revealed = try await world.post(path + "/reveal", operator_)
        #expect(revealed.status == 200 && revealed.text.contains("li.na@example.com"))
        let audit = try world.context.audit.entries(limit: 9)
        #expect(audit.map(\.action) == ["customers.reveal"])
        #expect(!(audit.first?.object.contains("li.na") ?? true))
        let delivery = try #require(try world.deliveries().first)
        let page = try await world.get(Link.delivery(delivery.order.id).text, reader)
        #expect(page.text.contains("care.complaint") && page.text.contains("l•••@example.com"))
        #expect(!page.text.contains("li.na@example.com"))
        #expect(!(try await world.get("/console/customers", reader).text.contains("@example.com")))
    }
}
