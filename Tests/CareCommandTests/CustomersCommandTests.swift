import CareValues
import Glibc
import Testing

@testable import care

@Suite struct CustomersCommandTests {
    @Test func `shows attributes, traits, segments and what happened, personal values masked`() async throws {
        let world = try await ExplainCommandTests.world()
        let answer = await world.care("customers show c1")
        #expect(
            answer.output == """
                c1 · Asia/Shanghai · as of Sun 20 Sep 2026 23:00

                Attributes
                  birthday      "1990-09-28"
                  email         "l•••@example.com"
                  emailConsent  "granted"
                  tier          "gold"

                Traits
                  lastPurchaseAt  "2026-09-10T10:00:00.000Z"
                  openComplaints  1

                Segments  vip

                What happened, newest first
                  Sun 20 Sep 2026 23:00  attributes  birthday, email, emailConsent, tier  {"birthday":"1990-09-28","email":"l•••@example.com","emailConsent":"granted","tier":"gold"}
                  Sat 19 Sep 2026 18:00  event       complaint.opened                     {"ticketId":"T-5521"}
                  Thu 10 Sep 2026 18:00  event       purchase

                """, "\(answer.error)")
        let open = await world.care("customers show c1 --show-pii --limit 1")
        #expect(open.output.contains("lin@example.com") && open.output.hasSuffix("2 more: add --limit 3\n"))
        #expect(await world.care("customers show c1 --reveal --format json").output.contains("lin@example.com"))
        #expect(await !world.care("customers show c1 --format json").output.contains("lin@example.com"))
        #expect(
            await world.care("customers show c9").error
                == "error: the store has no customer 'c9'\nIts id is as in the file imported.\n")
    }

    @Test func `exports everything, for its owner only`() async throws {
        let world = try await ExplainCommandTests.world()
        #expect(await world.care("tick --decide-only --at 2026-09-22T09:00").code == 0)
        let answer = await world.care("customers export c1 --out c1.json")
        #expect(answer.output == "Wrote 3 facts, 1 decision and 0 deliveries about c1 to c1.json.\n", "\(answer.error)")
        var status = stat()
        #expect(stat(world.folder + "/c1.json", &status) == 0 && status.st_mode & 0o777 == 0o600)
        let text = try #require(world.read("c1.json"))
        guard case .object(let object)? = JSONValue(jsonText: text), case .array(let facts)? = object["facts"],
            case .object(let memory)? = object["memory"], case .array(let entries)? = memory["entries"]
        else {
            Issue.record("no export: \(text)")
            return
        }
        #expect(facts.count == 3 && entries.count == 1 && text.contains("lin@example.com"))
        #expect(text.contains(#""outcome":"hold","reason":"paused""#))
        // The same on standard output, but for the instant.
        #expect(await world.care("customers export c1").output == text)
    }

    /// The names of the files below the folder that hold `word`.
    static func files(_ folder: String, holding word: String) throws -> [String] {
        let directory = try #require(opendir(folder))
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            let path = folder + "/" + name
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                found += try files(path, holding: word).map { "\(name)/\($0)" }
            } else if let bytes = bytes(path), holds(bytes, Array(word.utf8)) {
                found.append(name)
            }
        }
        return found.sorted()
    }

    private static func bytes(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 22)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    private static func holds(_ bytes: [UInt8], _ word: [UInt8]) -> Bool {
        guard bytes.count >= word.count else { return false }
        return bytes.indices.dropLast(word.count - 1).contains { start in
            bytes[start] == word[0] && bytes[start..<(start + word.count)].elementsEqual(word)
        }
    }

    @Test func `forgets a customer in the store, in approved plans and in files of rejects`() async throws {
        let world = try await ExplainCommandTests.world()
        try world.write(
            "rules/shop.json",
            ExplainCommandTests.rules.replacing(
                #""maxLateness": "P5D","#, with: #""maxLateness": "P5D", "approval": true,"#))
        // Puts the rules in force; c1 is decided about at nine.
        #expect(await world.care("tick --decide-only").code == 0)
        #expect(await world.care("plan --days 9 --out w.careplan").code == 0)
        let approved = await world.care("apply --when-due w.careplan")
        #expect(approved.code == 0, "\(approved.error)")
        try world.write(
            "more.csv",
            "customer,type,time,id,ticketId\nc1,purchase,2026-02-30,x1,lin-secret\nc2,purchase,2026-02-31,x2,wu-secret\n"
                + "c3,purchase,nonsense,x3,c1\nc11,purchase,nonsense,x4,other\n")
        #expect(await world.care("import events more.csv").code == 1)
        #expect(try Self.files(world.folder, holding: "lin-secret") == ["more.csv", "more.csv.rejects"])
        let before = try Self.files(world.folder, holding: "lin@example.com")
        #expect(before.contains("care.sqlite"))
        let planned = #""customer":"c1""#
        #expect(try Self.files(world.folder, holding: planned).contains { $0.hasPrefix("care.sqlite.approved/") })
        let asked = await world.care("customers erase c1")
        #expect(
            asked.output == """
                Would forget 3 facts about c1, and whom 0 decisions and 0 deliveries are about; 0 of these would be cancelled. Nothing was changed.
                To do it, add --yes. To keep a copy for the person: care customers export c1 --out FILE

                """, "\(asked.error)")
        let answer = await world.care("customers erase c1 --yes")
        #expect(
            answer.output == """
                Forgot c1: 3 facts, and whom 0 decisions and 0 deliveries were about.
                Approved plans: 1 line taken out.
                Files of rejects: 2 rows taken out.
                Later facts about it are refused. Backups made before still hold it: care restore forgets it again,
                by care.sqlite.erasures beside the store: keep that file with the backups.

                """, "\(answer.error)")
        #expect(answer.code == 0)
        // What was imported is the user's; the saved plan is a file of the user's too.
        #expect(try Self.files(world.folder, holding: "lin@example.com") == ["c.csv"])
        #expect(try Self.files(world.folder, holding: planned) == ["w.careplan"])
        #expect(try Self.files(world.folder, holding: "lin-secret") == ["more.csv"])
        #expect(try Self.files(world.folder, holding: "wu-secret") == ["more.csv", "more.csv.rejects"])
        #expect(try Self.files(world.folder, holding: "ada@example.com").contains("care.sqlite"))
        #expect(world.read("more.csv.rejects")?.contains("c11,purchase") == true)
        #expect(
            await world.care("customers show c1").error
                == "error: 'c1' was erased Mon 21 Sep 2026 08:30; facts about it are refused\n"
                + "To let it in again: care customers readmit c1\n")
        // The plan in the folder is still one: it is carried out for the others.
        let again = await world.care("import customers c.csv --history-until 2026-09-21T08:00")
        #expect(
            again.output.contains("\n  erased          1   about customers who were erased; not stored\n"),
            "\(again.output)")
        let readmitted = await world.care("customers readmit c1")
        #expect(readmitted.output == "Facts about c1 are taken in again; its keys are those of c1~2.\n")
        #expect(
            await world.care("import customers c.csv --history-until 2026-09-21T08:10").output.contains(
                "1 new customer row"))
        #expect(
            await world.care("customers show c1").output.hasPrefix(
                "c1 · Asia/Shanghai · as of Mon 21 Sep 2026 08:30 · taken in again after an erasure\n"))
    }

    @Test func `plans name the deliveries of a customer who was taken in again by its new life`() async throws {
        let world = try await ExplainCommandTests.world()
        #expect(await world.care("customers erase c1 --yes").code == 0)
        #expect(await world.care("customers readmit c1").code == 0)
        #expect(await world.care("import customers c.csv --history-until 2026-09-21T08:10").code == 0)
        let lines = await world.care("plan --days 1 --format jsonl").output.split(separator: "\n")
        let line = try #require(lines.first { $0.contains(#""customer":"c1""#) && $0.contains(#""outcome":"act""#) })
        let id = try #require(line.firstMatch(of: /"delivery":"(dlv_[a-z0-9]+)"/)?.output.1)
        #expect(await world.care("plan --days 1 --format csv").output.contains(",\(id),"))
        #expect(await world.care("plan --days 1 --customer c1").output.contains(" · \(id)\n"))
        #expect(await world.care("tick --at 2026-09-21T09:00:01 --decide-only").code == 0)
        let shown = await world.care("deliveries show \(id)")
        #expect(shown.code == 0 && shown.output.contains("c1"), "\(shown.output)\(shown.error)")
    }

    @Test func `a backup of before the erasure is restored without the customer`() async throws {
        let world = try await ExplainCommandTests.world()
        #expect(await world.care("backup before.sqlite").code == 0)
        #expect(await world.care("customers erase c1 --yes").code == 0)
        let restored = await world.care("restore before.sqlite")
        #expect(
            restored.output.contains("\n1 customer who was erased since is forgotten again.\n"),
            "\(restored.output)\(restored.error)")
        #expect(await world.care("customers show c1").code == 1)
        #expect(await world.care("customers show c2").code == 0)
        #expect(try !Self.files(world.folder, holding: "lin@example.com").contains("care.sqlite"))
    }

    static let mistakes: [(String, Int32, String)] = [
        (
            "customers erase c9 --yes", 1,
            "error: the store has no customer 'c9'; nothing was erased\nIts id is as in the file imported.\n"
        ),
        ("customers readmit c2", 1, "error: 'c2' is not erased; nothing was changed\n"),
        ("customers", 64, "error: care customers needs one of: show, export, erase, readmit\n"),
        ("customers show c1 --limit 100001", 64, "error: --limit is 0 to 100000, not 100001\n"),
    ]

    @Test func `names the mistake`() async throws {
        let world = try await ExplainCommandTests.world()
        for (line, code, message) in Self.mistakes {
            let answer = await world.care(line)
            #expect(answer.error == message && answer.code == code, "\(line)")
        }
    }
}
