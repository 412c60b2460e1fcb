import CareStore
import CareValues
import Testing

@testable import care

@Suite struct DeliveriesCommandTests {
    private static func short(_ name: String) -> String { DeliveryWorld.short(name) }

    @Test func `lists what did not arrive, newest first, and says what to do about it`() async throws {
        let world = try DeliveryWorld.full()
        let answer = await world.care("deliveries list")
        #expect(
            answer.output == """
                1 waits, 2 are dead, 2 are parked. Not shown: 1 delivered, 1 cancelled.
                  ID            DECIDED       TO        TYPE                STATE    TRIES  NEXT OR REASON
                  \(Self.short("waiting"))  Mon 21 08:10  crm       care.birthday-gold  waiting      2  08:46 (no answer in time)
                  \(Self.short("gone"))  Mon 21 08:00  helpdesk  care.complaint      parked       1  410 Gone
                  \(Self.short("lost"))  Sun 20 12:00  sms       care.points         parked       1  answer lost: connection lost
                  \(Self.short("expired"))  Sun 20 11:00  crm       care.birthday-gold  dead         0  expired
                  \(Self.short("exhausted"))  Sun 20 10:00  crm       care.win-back       dead         1  attempts exhausted: 500 Internal Server Error
                Dead ones are not tried again by themselves. Mend the cause, then: care deliveries redrive --state dead
                Expired ones came too late. To send one all the same: care deliveries redrive ID --late
                Disabled: helpdesk. Mend it, then: care destinations enable helpdesk
                Where an answer was lost: care deliveries list --unknown

                """)
        #expect(answer.code == 0 && answer.error.isEmpty)
    }

    @Test func `lists answers that were lost`() async throws {
        let world = try DeliveryWorld.full()
        let answer = await world.care("deliveries list --unknown")
        #expect(
            answer.output == """
                1 answer was lost. Not sent again by itself: it might arrive twice.
                  ID            DECIDED       TO   TYPE         STATE   TRIES  NEXT OR REASON
                  \(Self.short("lost"))  Sun 20 12:00  sms  care.points  parked      1  answer lost: connection lost
                Ask the receiver whether it came, then redrive or cancel it: care deliveries redrive ID

                """)
        let none = await world.care("deliveries list --unknown --destination crm")
        #expect(none.output == "No answer to crm was lost in a way that keeps a delivery parked.\n")
    }

    static let filters: [(String, String, [String])] = [
        (
            "--destination crm", "Of those to crm: 1 waits, 2 are dead. Not shown: 1 delivered, 1 cancelled.",
            ["waiting", "expired", "exhausted"]
        ),
        (
            "--campaign win-back --state dead,cancelled", "Of those of win-back: 1 is dead, 1 is cancelled.",
            ["cancelled", "exhausted"]
        ),
        ("--customer c7", "Of those about c7: 1 is parked.", ["lost"]),
        (
            "--since 2026-09-21T08:00",
            "Of those since 2026-09-21T08:00: 1 waits, 1 is parked. Not shown: 1 cancelled.", ["waiting", "gone"]
        ),
        ("--since PT25M", "Of those since PT25M: 1 waits. Not shown: 1 cancelled.", ["waiting"]),
        ("--state delivered", "1 is delivered. Not shown: 1 waiting, 2 dead, 2 parked, 1 cancelled.", ["delivered"]),
        (
            "--campaign birthday-gold --destination sms",
            "No delivery to sms of birthday-gold is waiting, sending, dead or parked.", []
        ),
    ]

    @Test(arguments: filters) func `narrows by destination, campaign, customer, time and state`(
        _ options: String, _ headline: String, _ names: [String]
    ) async throws {
        let world = try DeliveryWorld.full()
        let answer = await world.care("deliveries list \(options)")
        #expect(answer.output.split(separator: "\n").first.map(String.init) == headline)
        let ids = answer.output.split(separator: "\n").filter { $0.hasPrefix("  dlv_") }.map {
            String($0.dropFirst(2).prefix(12))
        }
        #expect(ids == names.map(Self.short))
    }

    @Test func `a limit says how many it leaves out`() async throws {
        let world = try DeliveryWorld.full()
        #expect(await world.care("deliveries list --limit 2").output.contains("\n  3 older ones: add --limit\n"))
    }

    @Test func `the list as JSON has the text's numbers`() async throws {
        let world = try DeliveryWorld.full()
        let answer = await world.care("deliveries list --state waiting --format json")
        #expect(
            answer.output.hasPrefix(
                #"{"counts":{"waiting":1,"sending":0,"delivered":1,"dead":2,"parked":2,"cancelled":1},"timeZone":"Asia/Shanghai","deliveries":[{"id":""#
            ))
        #expect(answer.output.contains(#""state":"waiting","tries":2"#) && !answer.output.contains("lin@example.com"))
    }

    static let shown: [(String, String)] = [
        ("delivered", "Delivered with attempt 1, Sun 20 Sep 2026 09:00:02."),
        (
            "exhausted",
            "Dead, after 1 attempt: attempts exhausted: 500 Internal Server Error.\nNot tried again by itself. Mend the cause, then: care deliveries redrive ID"
        ),
        (
            "expired",
            "Dead, never tried: it expired Mon 21 Sep 2026 00:00, and was not to be sent at or after that.\nTo send it all the same: care deliveries redrive ID --late"
        ),
        (
            "lost",
            "Parked, after 1 attempt: answer lost: connection lost. It may have arrived; repeating it is not safe.\nAsk the receiver whether it came, then: care deliveries redrive ID, or cancel ID"
        ),
        (
            "gone",
            "Parked, after 1 attempt: its destination helpdesk is disabled (410 Gone).\nMend what is wrong there, then: care destinations enable helpdesk"
        ),
        ("waiting", "Waits for attempt 3, Mon 21 Sep 2026 08:46 (no answer in time); expires Sat 26 Sep 2026 09:00."),
        ("cancelled", "Cancelled, never tried (wrong coupon): it is not sent."),
    ]

    @Test(arguments: shown) func `shows where a delivery stands, and what to do`(
        _ name: String, _ expected: String
    ) async throws {
        let world = try DeliveryWorld.full()
        let answer = await world.care("deliveries show \(Self.short(name))")
        #expect(answer.output.hasPrefix(expected.replacing("ID", with: Self.short(name)) + "\n"))
        #expect(answer.code == 0)
    }

    @Test func `shows attempts, and what a lost answer led to`() async throws {
        let world = try DeliveryWorld.full()
        let answer = await world.care("deliveries show \(Self.short("waiting"))")
        #expect(
            answer.output.hasSuffix(
                """
                  1  08:10:02  503 Service Unavailable     212 ms
                  2  08:15:21  no answer in time        10,000 ms  unknown: sent again with the same id

                """))
        let lost = await world.care("deliveries show \(Self.short("lost"))")
        #expect(lost.output.hasSuffix("  1  12:00:01  connection lost  212 ms  unknown: it may have arrived\n"))
    }

    @Test func `masks what the message says of the customer unless asked`() async throws {
        let world = try DeliveryWorld.full()
        let masked = await world.care("deliveries show \(Self.short("waiting"))")
        #expect(
            masked.output.contains(
                "\ndata {\"customer\":\"c1042\",\"email\":\"l•••@example.com\",\"turns\":\"•••\",\"vip\":true}\n"))
        let shown = await world.care("deliveries show \(Self.short("waiting")) --show-pii")
        #expect(
            shown.output.contains(
                "\ndata {\"customer\":\"c1042\",\"email\":\"lin@example.com\",\"turns\":38,\"vip\":true}\n"))
        let number = await world.care("deliveries show \(Self.short("lost")) --format json")
        #expect(number.output.contains(#""to":"•••""#) && !number.output.contains("13800001111"))
        #expect(
            await world.care("deliveries show \(Self.short("lost")) --show-pii").output.contains(
                "\nto +8613800001111\n"))
    }

    // MARK: redrive

    @Test func `redrives by id what is in time, and the late only when told`() async throws {
        let world = try DeliveryWorld.full()
        let one = await world.care("deliveries redrive \(Self.short("exhausted"))")
        #expect(one.output == "\(DeliveryWorld.id("exhausted").text) waits again, for crm.\nNext: care tick\n")
        #expect(try world.state("exhausted").state == .waiting)
        let late = await world.care("deliveries redrive \(Self.short("expired"))")
        #expect(
            late.error
                == "error: \(DeliveryWorld.id("expired").text) expired Mon 21 Sep 2026 00:00; nothing was changed\nTo send it all the same: care deliveries redrive \(Self.short("expired")) --late\n"
        )
        #expect(late.code == 1)
        #expect(await world.care("deliveries redrive \(Self.short("expired")) --late").code == 0)
        let redriven = try world.state("expired")
        #expect(redriven.state == .waiting && redriven.order.expiresAt == nil)
        #expect(await world.care("deliveries redrive \(Self.short("lost"))").code == 0)
        #expect(try world.state("lost").state == .waiting)
    }

    @Test func `counts before it redrives by options, and leaves what is late or lost`() async throws {
        let world = try DeliveryWorld.full()
        let counted = await world.care("deliveries redrive --state dead")
        #expect(
            counted.output == """
                1 delivery would wait again: 1 dead. Nothing was changed.
                1 expired one stays dead; --late takes them too.
                To do it, add --yes

                """)
        #expect(try world.state("exhausted").state == .dead)
        let done = await world.care("deliveries redrive --state dead --yes")
        #expect(
            done.output
                == "1 delivery waits again: 1 dead.\n1 expired one stays dead; --late takes them too.\nNext: care tick\n"
        )
        #expect(try world.state("exhausted").state == .waiting && world.state("expired").state == .dead)
        let again = await world.care("deliveries redrive --state dead --destination crm --yes")
        #expect(
            again.output
                == "No delivery to crm is dead or parked in a way that this redrives.\n1 expired one stays dead; --late takes them too.\n"
        )
        let late = await world.care("deliveries redrive --state dead --late --yes")
        #expect(late.output == "1 delivery waits again: 1 dead.\nNext: care tick\n")
        let sms = await world.care("deliveries redrive --destination sms")
        #expect(
            sms.output
                == "No delivery to sms is dead or parked in a way that this redrives.\n1 delivery whose answer was lost stays parked: repeated, they might arrive twice. --unknown takes them.\n"
        )
        #expect(
            await world.care("deliveries redrive --unknown --yes").output
                == "1 delivery waits again: 1 parked.\nNext: care tick\n")
        #expect(try world.state("lost").state == .waiting)
    }

    @Test func `does not redrive to a disabled destination unless it is to be enabled`() async throws {
        let world = try DeliveryWorld.full()
        let one = await world.care("deliveries redrive \(Self.short("gone"))")
        #expect(
            one.error
                == "error: destination helpdesk is disabled since Mon 21 Sep 08:00 (410 Gone); nothing was changed\nCorrect what is wrong there, then add --enable: all that is parked for it goes out.\n"
        )
        #expect(one.code == 1)
        let counted = await world.care("deliveries redrive --campaign complaint")
        #expect(counted.output.contains("\nDisabled: helpdesk; what is for them stays parked without --enable.\n"))
        let many = await world.care("deliveries redrive --campaign complaint --yes")
        #expect(many.error.hasPrefix("error: helpdesk is disabled; nothing was changed\n") && many.code == 1)
        #expect(try world.state("gone").state == .parked)
        #expect(await world.care("deliveries redrive --campaign complaint --yes --enable").code == 0)
        #expect(try world.state("gone").state == .waiting)
    }

    // MARK: cancel

    @Test func `cancels one, and by options only when told`() async throws {
        let world = try DeliveryWorld.full()
        let one = await world.care("deliveries cancel \(Self.short("waiting")) --reason 'wrong coupon'")
        #expect(one.output == "\(DeliveryWorld.id("waiting").text) is cancelled: it does not go to crm.\n")
        #expect(try world.state("waiting").state == .cancelled && world.state("waiting").reason == "wrong coupon")
        let counted = await world.care("deliveries cancel --destination helpdesk")
        #expect(
            counted.output
                == "1 delivery to helpdesk would be cancelled: 1 parked. Nothing was changed.\nTo do it, add --yes\n")
        #expect(try world.state("gone").state == .parked)
        let done = await world.care("deliveries cancel --destination helpdesk --yes")
        #expect(done.output == "1 delivery to helpdesk is cancelled: 1 parked.\n")
        #expect(try world.state("gone").state == .cancelled && world.state("gone").reason == "by hand")
        #expect(
            await world.care("deliveries cancel --campaign win-back --yes").output
                == "No delivery of win-back is waiting or parked: there is nothing to cancel.\n")
        let late = await world.care("deliveries cancel \(Self.short("delivered"))")
        #expect(
            late.error
                == "error: \(DeliveryWorld.id("delivered").text) is delivered, not waiting or parked; nothing was changed\n"
        )
        #expect(late.code == 1)
    }

    static let mistakes: [(String, Int32, String)] = [
        ("deliveries list --state wating", 64, "error: no state 'wating'\nDid you mean 'waiting'?\n"),
        ("deliveries list --limit 0", 64, "error: --limit is 1 to 100000, not 0\n"),
        (
            "deliveries list --since yesterday", 64,
            "error: --since 'yesterday' is no instant\nWrite 2026-03-01, 2026-03-01T09:00 or 2026-03-01T09:00:00+08:00.\n"
        ),
        (
            "deliveries list --since P1M", 64,
            "error: --since 'P1M' is no length of time that can be counted back\nDays, hours, minutes: P7D, PT2H, PT30M.\n"
        ),
        ("deliveries show dlv_x", 1, "error: no delivery's id begins with 'dlv_x'\nSee: care deliveries list\n"),
        ("deliveries show dlv_", 1, "error: several deliveries' ids begin with 'dlv_'\nGive more of it.\n"),
        (
            "deliveries redrive", 64,
            "error: care deliveries redrive is not told which\nName ids, or for example --destination crm, --campaign win-back, --state dead.\n"
        ),
        (
            "deliveries cancel --yes", 64,
            "error: care deliveries cancel is not told which\nName ids, or for example --destination crm, --campaign win-back, --state dead.\n"
        ),
        (
            "deliveries redrive dlv_x --state dead", 64,
            "error: care deliveries redrive takes ids or options such as --campaign, not both\n"
        ),
        ("deliveries redrive dlv_x", 1, "error: no delivery's id begins with 'dlv_x'\nSee: care deliveries list\n"),
        ("deliveries cancel --campaign x --reason ''", 64, "error: --reason is one line of 1 to 200 bytes\n"),
        ("deliveries", 64, "error: care deliveries needs one of: list, show, redrive, cancel\n"),
    ]

    @Test(arguments: mistakes) func `names the mistake and the way out`(
        _ line: String, _ code: Int32, _ message: String
    ) async throws {
        let world = try DeliveryWorld.full()
        let answer = await world.care(line)
        #expect(answer.error == message && answer.code == code && answer.output.isEmpty)
    }

    // MARK: follow

    @Test func `follows what changes, oldest first, once each`() throws {
        let zone = try #require(Zones.system.zone(named: "Asia/Shanghai"))
        var follower = DeliveryFollower(states: [], zone: zone)
        func delivery(
            _ name: String, _ state: DeliveryState, _ attempts: Int, _ reason: String
        ) throws -> StoredDelivery {
            StoredDelivery(
                order: try DeliveryWorld.order(name, to: "crm", decided: "21T00:00:00"), state: state,
                attempts: attempts, nextAttemptAt: try DeliveryWorld.at("21T00:46:00"), reason: reason)
        }
        let first = [try delivery("b", .waiting, 0, ""), try delivery("a", .waiting, 0, "")]
        #expect(follower.changes(first).map(\.order.id) == [DeliveryWorld.id("a"), DeliveryWorld.id("b")])
        #expect(follower.changes(first).isEmpty)
        let second = [
            try delivery("c", .waiting, 0, ""), first[0], try delivery("a", .waiting, 1, "503 Service Unavailable"),
        ]
        let changed = follower.changes(second)
        #expect(changed.map(\.order.id) == [DeliveryWorld.id("a"), DeliveryWorld.id("c")])
        #expect(
            follower.line(changed[0], at: try DeliveryWorld.at("21T00:41:07"))
                == "08:41:07  \(Self.short("a"))  crm  care.birthday-gold  waiting, 1 try, next 08:46 (503 Service Unavailable)"
        )
        var dead = DeliveryFollower(states: [.dead], zone: zone)
        #expect(dead.changes(second).isEmpty)
        #expect(dead.changes([try delivery("a", .dead, 10, "attempts exhausted")]).count == 1)
    }
}
