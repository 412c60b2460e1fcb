import CareValues
import Foundation
import Testing

@testable import CareDispatch

@Suite struct MailMessageTests {
    static func message(
        subject: String = "Hello", text: String = "Hello Ann,\nbye", html: String? = nil,
        from: String = "care@acme.example"
    ) throws -> MailMessage {
        MailMessage(
            from: try Mailbox(from), to: try MailAddress("ann@example.com"), replyTo: nil, subject: subject,
            date: Timestamp(milliseconds: 1_781_514_000_000), messageID: "dlv_abc@acme.example", text: text, html: html,
            unsubscribeURL: nil, unsubscribeAddress: nil)
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `writes a plain mail byte for byte`() throws {
        var message = try Self.message(text: "Hello Ann,\n\n.a line with a point\nFrom us = you\nend ")
        message.replyTo = try Mailbox("help@acme.example")
        #expect(
            Self.text(message.bytes).replacing("\r\n", with: "\n") == """
                Date: Mon, 15 Jun 2026 09:00:00 +0000
                From: care@acme.example
                To: ann@example.com
                Reply-To: help@acme.example
                Subject: Hello
                Message-ID: <dlv_abc@acme.example>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=UTF-8
                Content-Transfer-Encoding: quoted-printable

                Hello Ann,

                .a line with a point
                =46rom us =3D you
                end=20

                """)
    }

    @Test func `writes text and HTML, and how to unsubscribe`() throws {
        var message = try Self.message(
            subject: "生日快乐🎂", text: "生日快乐", html: "<p title=\"a\">Hi</p>", from: "关怀中心 <care@acme.example>")
        message.unsubscribeURL = "https://acme.example/u?c=c2077&t=abc"
        message.unsubscribeAddress = try MailAddress("out@acme.example")
        #expect(
            Self.text(message.bytes).replacing("\r\n", with: "\n") == """
                Date: Mon, 15 Jun 2026 09:00:00 +0000
                From: =?UTF-8?B?5YWz5oCA5Lit5b+D?= <care@acme.example>
                To: ann@example.com
                Subject: =?UTF-8?B?55Sf5pel5b+r5LmQ8J+Ogg==?=
                Message-ID: <dlv_abc@acme.example>
                Auto-Submitted: auto-generated
                List-Unsubscribe: <https://acme.example/u?c=c2077&t=abc>,
                 <mailto:out@acme.example?subject=unsubscribe>
                List-Unsubscribe-Post: List-Unsubscribe=One-Click
                MIME-Version: 1.0
                Content-Type: multipart/alternative; boundary="=_dlv_abc"

                --=_dlv_abc
                Content-Type: text/plain; charset=UTF-8
                Content-Transfer-Encoding: base64

                55Sf5pel5b+r5LmQDQo=

                --=_dlv_abc
                Content-Type: text/html; charset=UTF-8
                Content-Transfer-Encoding: quoted-printable

                <p title=3D"a">Hi</p>

                --=_dlv_abc--

                """)
    }

    static let subjects: [(subject: String, header: String)] = [
        ("Hello", "Subject: Hello"),
        (
            "亲爱的张三，祝您生日快乐！这里有一份专属于您的生日礼物等待领取",
            """
            Subject: =?UTF-8?B?5Lqy54ix55qE5byg5LiJ77yM56Wd5oKo55Sf5pel5b+r5LmQ77yB?=
             =?UTF-8?B?6L+Z6YeM5pyJ5LiA5Lu95LiT5bGe5LqO5oKo55qE55Sf5pel56S854mp562J?=
             =?UTF-8?B?5b6F6aKG5Y+W?=
            """
        ),
        ("a\r\nBcc: x@y.z", "Subject: aBcc: x@y.z"),
        ("=?UTF-8?B?eA==?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?="),
        (" two  blanks ", "Subject: =?UTF-8?B?IHR3byAgYmxhbmtzIA==?="),
        (
            "A subject that is longer than a line has room for, so that it has to be folded somewhere",
            """
            Subject: A subject that is longer than a line has room for, so that it has
             to be folded somewhere
            """
        ),
    ]

    @Test(arguments: subjects) func `writes subjects`(_ test: (subject: String, header: String)) {
        var headers = MailHeaders()
        headers.add("Subject", text: test.subject)
        #expect(Self.text(headers.bytes).replacing("\r\n", with: "\n") == test.header + "\n")
    }

    static let senders: [(mailbox: String, header: String)] = [
        ("care@acme.example", "From: care@acme.example"), ("<care@acme.example>", "From: care@acme.example"),
        ("Acme Care <care@acme.example>", "From: Acme Care <care@acme.example>"),
        ("\"Acme, Inc.\" <care@acme.example>", "From: \"Acme, Inc.\" <care@acme.example>"),
        (#"A \ "B" <care@acme.example>"#, #"From: "A \\ \"B\"" <care@acme.example>"#),
        ("Ännchen <care@acme.example>", "From: =?UTF-8?B?w4RubmNoZW4=?= <care@acme.example>"),
    ]

    @Test(arguments: senders) func `writes names of senders`(_ test: (mailbox: String, header: String)) throws {
        var headers = MailHeaders()
        headers.add("From", mailbox: try Mailbox(test.mailbox))
        #expect(Self.text(headers.bytes) == test.header + "\r\n")
    }

    /// Signs of every kind, and what has to do with line ends, blanks and encodings.
    static let signs = Array("aZ09 =?._-,;:\"\\<>@()[]\t\r\n\u{0}\u{7F}éß生日🎂👨‍👩‍👧\u{301}\u{2028}")

    static func hostile(_ random: inout SplitMix64, _ length: Int) -> String {
        String((0..<length).map { _ in signs[Int(random.next() % UInt64(signs.count))] })
    }

    @Test(arguments: [UInt64](1...10)) func `keeps whatever text to lines of ASCII`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let subject = Self.hostile(&random, Int(random.next() % 120))
            let text = Self.hostile(&random, Int(random.next() % 400))
            let message = try Self.message(subject: subject, text: text, html: random.next() % 2 == 0 ? text : nil)
            let bytes = message.bytes
            let lines = bytes.split(separator: 0x0D, omittingEmptySubsequences: false)
            #expect(lines.dropFirst().allSatisfy { $0.first == 0x0A && !$0.dropFirst().contains(0x0A) })
            #expect(
                lines.allSatisfy { line in
                    line.count <= 77 && line.drop { $0 == 0x0A }.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
                })
            // One header of each name, and the body behind the first empty line.
            let all = Self.text(bytes).components(separatedBy: "\r\n")
            let head = all.prefix { !$0.isEmpty }
            #expect(head.count { $0.lowercased().hasPrefix("subject:") } == 1)
            #expect(!head.contains { $0.lowercased().hasPrefix("bcc:") })
            #expect(
                Self.decodedSubject(head)
                    == String(
                        String.UnicodeScalarView(
                            subject.unicodeScalars.filter { $0.properties.generalCategory != .control })))
        }
    }

    /// What a reader makes of the header, by RFC 2047.
    static func decodedSubject(_ head: ArraySlice<String>) -> String? {
        guard let start = head.firstIndex(where: { $0.hasPrefix("Subject: ") }) else { return nil }
        var value = String(head[start].dropFirst(9))
        for line in head[(start + 1)...] {
            guard line.hasPrefix(" ") else { break }
            value += line
        }
        guard value.hasPrefix("=?UTF-8?B?") else { return value }
        var bytes: [UInt8] = []
        for word in value.split(separator: " ") {
            guard word.utf8.count <= 75, let part = Base64.bytes(word.dropFirst(10).dropLast(2)),
                // No character is divided.
                String(validating: part, as: UTF8.self) != nil
            else { return nil }
            bytes += part
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [UInt64](1...10)) func `bodies come back as they were, but for line ends`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let text = Self.hostile(&random, Int(random.next() % 300))
            let body = MailBody(text)
            var expected = text.replacing("\r\n", with: "\n").unicodeScalars.map { $0 == "\r" ? "\n" : String($0) }
                .joined()
            if expected.unicodeScalars.last != "\n" || expected == "\n" { expected += expected == "\n" ? "" : "\n" }
            let back = body.encoding == .base64 ? Self.base64(body.bytes) : Self.quotedPrintable(body.bytes)
            let unix = Self.text(back).unicodeScalars.filter { $0 != "\r" }
            #expect(Array(unix).map(String.init).joined().utf8.elementsEqual(expected.utf8), "\(text.debugDescription)")
        }
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        Array(Data(base64Encoded: Data(bytes), options: .ignoreUnknownCharacters) ?? Data())
    }

    private static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        var back: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "=") else {
                back.append(bytes[index])
                index += 1
                continue
            }
            let code = text(Array(bytes[(index + 1)..<(index + 3)]))
            if code != "\r\n", let byte = UInt8(code, radix: 16) { back.append(byte) }
            index += 3
        }
        return back
    }

    @Test func `breaks long lines, and no line grows over 76`() {
        let body = MailBody(
            String(repeating: "x", count: 76) + "\n" + String(repeating: "y", count: 77) + "\n"
                + String(repeating: "=", count: 20) + String(repeating: "z", count: 200))
        let lines = Self.text(body.bytes).components(separatedBy: "\r\n")
        #expect(body.encoding == .quotedPrintable)
        #expect(lines[0] == String(repeating: "x", count: 76))
        #expect(lines[1] == String(repeating: "y", count: 75) + "=" && lines[2] == "yy")
        #expect(lines[3] == String(repeating: "=3D", count: 20) + String(repeating: "z", count: 15) + "=")
        #expect(lines.allSatisfy { $0.utf8.count <= 76 })
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 +0000"),
            (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
            (1_781_514_000_999, "Mon, 15 Jun 2026 09:00:00 +0000"),
        ] as [(Int64, String)]) func `writes dates`(_ milliseconds: Int64, _ text: String)
    {
        #expect(MailDate.text(Timestamp(milliseconds: milliseconds)) == text)
    }
}
