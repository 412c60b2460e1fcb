import CareStore
import CareValues
import LoopbackServer
import Testing

@testable import care

@Suite struct DestinationsCommandTests {
    @Test func `lists what lies at each destination, and what is wrong with it`() async throws {
        let world = try DeliveryWorld.full()
        try world.write { store in
            try store.setNote("destination.paused:sms", String(try DeliveryWorld.at("21T00:40:00").milliseconds))
            try store.setNote("destination.paused:crm", String(try DeliveryWorld.at("21T00:30:00").milliseconds))
            try store.enqueue(
                try DeliveryWorld.order("other", to: "crmm", decided: "21T00:25:00"),
                firstAttemptAt: try DeliveryWorld.at("21T00:25:00"))
        }
        let answer = await world.care("destinations list")
        #expect(
            answer.output == """
                4 destinations: 1 delivers, 1 pauses, 1 is disabled, 1 is not in care.json.
                  NAME      TYPE     STATE     WAITING  PARKED  DEAD  OLDEST            LAST FAILURE
                  crm       webhook  delivers        1       -     2  Mon 21 Sep 08:10  Mon 21 Sep 08:15 no answer in time
                  helpdesk  webhook  disabled        -       1     -  -                 Mon 21 Sep 08:00 410 Gone
                  sms       twilio   pauses          -       1     -  -                 Sun 20 Sep 12:00 connection lost
                  crmm      -        unknown         1       -     -  Mon 21 Sep 08:25  -
                helpdesk is disabled since Mon 21 Sep 08:00 (410 Gone). Mend it, then: care destinations enable helpdesk
                sms asked to be spared until 08:40:00.
                crmm: care.json names no such destination; what is for it stays.

                """)
        let json = await world.care("destinations list --format json")
        #expect(
            json.output.contains(
                #"{"name":"helpdesk","type":"webhook","state":"disabled","breaker":"closed","breakerUntil":null,"waiting":0,"sending":0,"parked":1,"dead":0,"oldestWaiting":null,"nextAttemptAt":null,"disabledSince":"2026-09-21T00:00:01.000Z","disabledReason":"410 Gone","pausedUntil":null,"lastFailureAt":"2026-09-21T00:00:01.000Z","lastFailure":"410 Gone"}"#
            ))
    }

    @Test func `lists what care.json names where there is no store yet`() async throws {
        let world = try DeliveryWorld()
        let answer = await world.care("destinations list")
        #expect(answer.output.hasPrefix("3 destinations: 3 deliver.\n"))
        #expect(world.world.read("care.sqlite") == nil)
        let empty = try World()
        try empty.write("care.json", #"{ "timeZone": "UTC" }"#)
        #expect(
            await empty.care("destinations list").output.hasPrefix(
                "care.json names no destination, and nothing waits for one.\n"))
    }

    @Test func `says that a destination fails, until when it is spared, and closes its breaker by hand`() async throws {
        let world = try DeliveryWorld.full()
        func breaker(_ until: String) throws {
            let instant = try DeliveryWorld.at(until).milliseconds
            try world.write { try $0.setNote("destination.breaker:crm", "\(instant) 3") }
        }
        try breaker("21T00:31:00")
        let open = await world.care("destinations list")
        #expect(open.output.hasPrefix("3 destinations: 1 delivers, 1 fails, 1 is disabled.\n"))
        #expect(open.output.contains("crm       webhook  fails "))
        #expect(
            open.output.contains(
                "crm failed many times in a row: nothing is tried until 08:31:00, then one attempt. To try it at once: care destinations enable crm\n"
            ))
        let json = await world.care("destinations list --format json")
        #expect(
            json.output.contains(
                #""state":"fails","breaker":"open","breakerUntil":"2026-09-21T00:31:00.000Z","waiting":1"#))
        try breaker("21T00:30:00")
        let halfOpen = await world.care("destinations list --format json")
        #expect(halfOpen.output.contains(#""state":"fails","breaker":"half-open","breakerUntil":null,"waiting":1"#))
        #expect(
            await world.care("destinations list").output.contains(
                "crm failed many times in a row: the next attempt shows whether it is well again. To try"))
        #expect(
            await world.care("destinations enable crm").output
                == "The breaker of crm is closed; what is due is tried at once.\nNext: care tick\n")
        #expect(await world.care("destinations list").output.hasPrefix("3 destinations: 2 deliver, 1 is disabled.\n"))
        #expect(
            await world.care("destinations enable crm").error
                == "error: destination crm is not disabled; nothing was changed\n")
    }

    @Test func `disables and enables: what waits is parked, and goes out again`() async throws {
        let world = try DeliveryWorld.full()
        let off = await world.care("destinations disable crm --reason maintenance")
        #expect(
            off.output
                == "crm is disabled (maintenance); 1 delivery is parked.\nTo undo it: care destinations enable crm\n")
        #expect(try world.state("waiting").state == .parked)
        let twice = await world.care("destinations disable crm")
        #expect(
            twice.error
                == "error: destination crm is disabled since Mon 21 Sep 08:30 (maintenance); nothing was changed\n")
        let on = await world.care("destinations enable crm")
        #expect(on.output == "crm is enabled; 1 delivery waits again.\nNext: care tick\n")
        #expect(try world.state("waiting").state == .waiting)
        let sms = await world.care("destinations disable sms")
        #expect(
            sms.output
                == "sms is disabled (by hand); nothing waited for it.\nTo undo it: care destinations enable sms\n")
        #expect(
            await world.care("destinations enable sms").output
                == "sms is enabled; 1 stays parked, the answer was lost.\nNext: care tick\n")
        #expect(try world.state("lost").state == .parked)
    }

    static let mistakes: [(String, Int32, String)] = [
        ("destinations enable crm", 1, "error: destination crm is not disabled; nothing was changed\n"),
        ("destinations enable helpdsk", 64, "error: no destination 'helpdsk' in care.json\nDid you mean 'helpdesk'?\n"),
        (
            "destinations disable xyzzy", 64,
            "error: no destination 'xyzzy' in care.json\nThere are: crm, helpdesk, sms\n"
        ),
        ("destinations disable", 64, "error: care destinations disable: missing expected argument '<name>'\n"),
        ("destinations", 64, "error: care destinations needs one of: list, enable, disable\n"),
    ]

    @Test(arguments: mistakes) func `names the mistake and the way out`(
        _ line: String, _ code: Int32, _ message: String
    ) async throws {
        let answer = await (try DeliveryWorld.full()).care(line)
        #expect(answer.error == message && answer.code == code)
    }
}

@Suite struct SendCommandTests {
    static func world(_ destinations: String) throws -> World {
        let world = try World()
        try world.write("care.json", #"{ "timeZone": "Asia/Shanghai", "destinations": { \#(destinations) } }"#)
        return world
    }

    static func webhook(_ server: LoopbackServer) -> String {
        #""crm": { "type": "webhook", "url": "\#(server.url("/hook"))", "secret": "env:CARE_SECRET", "allowPrivateAddresses": true }"#
    }

    @Test func `sends one sample, says so in it, and stores nothing`() async throws {
        let server = LoopbackServer { _ in .status(204) }
        defer { server.stop() }
        let world = try Self.world(Self.webhook(server))
        let answer = await world.care("send --destination crm --sample --customer c7")
        let text = answer.output.replacing(#/[0-9,]+ ms/#, with: "… ms").replacing(#/dlv_[a-z2-7]{26}/#, with: "dlv_…")
        #expect(
            text == """
                Delivered to crm (webhook, 127.0.0.1:\(server.port)): 204, … ms.
                care.sample · c7 · dlv_…: a sample, nothing was stored.

                """)
        #expect(answer.code == 0)
        #expect(world.read("care.sqlite") == nil)
        let request = try #require(server.received.first)
        #expect(request.header("webhook-signature")?.hasPrefix("v1,") == true)
        guard case .object(let event)? = JSONValue(jsonText: request.text), case .object(let data)? = event["data"]
        else {
            Issue.record("no event")
            return
        }
        #expect(event["type"] == .string("care.sample") && event["subject"] == .string("c7"))
        #expect(data["sample"] == .bool(true) && data["customer"] == .string("c7"))
    }

    static let outcomes: [(LoopbackServer.Answer, String, Int32)] = [
        (
            .status(503),
            "Not delivered to crm (webhook, PLACE): 503 Service Unavailable, … ms.|A delivery would be tried again.", 1
        ),
        (
            .status(413),
            "Not delivered to crm (webhook, PLACE): 413 Content Too Large, … ms.|A delivery would be a dead letter at once.",
            1
        ),
        (
            .status(410),
            "Not delivered to crm (webhook, PLACE): 410 Gone, … ms.|A delivery would be parked, and the destination disabled.",
            1
        ),
        (
            .hangUp,
            "May have been delivered to crm (webhook, PLACE): connection lost, … ms.|A delivery would be sent again under the same id.",
            1
        ),
    ]

    @Test(arguments: outcomes) func `says what a delivery would come to`(
        _ answered: LoopbackServer.Answer, _ expected: String, _ code: Int32
    ) async throws {
        let server = LoopbackServer { _ in answered }
        defer { server.stop() }
        let answer = await (try Self.world(Self.webhook(server))).care("send --destination crm --sample")
        let lines = answer.output.replacing(#/[0-9,]+ ms/#, with: "… ms").split(separator: "\n").map(String.init)
        #expect(
            "\(lines.first ?? "")|\(lines.last ?? "")" == expected.replacing("PLACE", with: "127.0.0.1:\(server.port)"))
        #expect(answer.code == code)
    }

    @Test func `never shows an address that holds a key`() async throws {
        let server = LoopbackServer { _ in
            .status(200, body: #"{"errcode":93000,"errmsg":"invalid webhook url hunter2"}"#)
        }
        defer { server.stop() }
        let world = try Self.world(#""team": { "type": "wecom", "url": "env:ROBOT", "allowPrivateAddresses": true }"#)
        let answer = await world.care(
            "send --destination team --sample", variables: ["ROBOT": server.url("/send?key=hunter2")])
        #expect(
            answer.output.hasPrefix(
                "Not delivered to team (wecom, 127.0.0.1:\(server.port)): 200, errcode 93000: the robot's key is not known"
            ))
        #expect(server.received.first?.path == "/send?key=hunter2")
        let json = await world.care(
            "send --destination team --sample --format json", variables: ["ROBOT": server.url("/send?key=hunter2")])
        #expect(json.output.contains(#""outcome":"gone""#))
        #expect(!(answer.output + answer.error + json.output + json.error).contains("hunter2"))
    }

    @Test func `refuses what the channel cannot say, without a connection`() async throws {
        let world = try Self.world(#""team": { "type": "wecom", "url": "env:ROBOT" }"#)
        let answer = await world.care(
            #"send --destination team --data '{"note":"x"}'"#,
            variables: ["ROBOT": "https://robot.example/send?key=hunter2"])
        #expect(
            answer.output.hasPrefix(
                "Not delivered to team (wecom): no text: data has neither text nor message, and the destination no template.\n"
            ))
        #expect(answer.output.hasSuffix("A delivery would be a dead letter at once.\n") && answer.code == 1)
    }

    static let mistakes: [(String, Int32, String)] = [
        (
            "send --destination crm", 64,
            "error: care send is not told what to send\nAdd --sample, or --data '{\"text\":\"Hello\"}'.\n"
        ),
        ("send --sample", 64, "error: care send: missing expected argument '--destination <destination>'\n"),
        ("send --destination crn --sample", 64, "error: no destination 'crn' in care.json\nDid you mean 'crm'?\n"),
        (
            "send --destination crm --data text", 64,
            "error: --data is no JSON object\nFor example: --data '{\"text\":\"Hello\"}'\n"
        ),
        (
            "send --destination sms --sample", 1,
            "error: destination sms: the environment variable SMS_TOKEN is not set; nothing was done\nset it to the secret that the receiver knows, then start again.\n"
        ),
    ]

    @Test(arguments: mistakes) func `names the mistake and the way out`(
        _ line: String, _ code: Int32, _ message: String
    ) async throws {
        let answer = await (try DeliveryWorld()).care(line)
        #expect(answer.error == message && answer.code == code)
    }
}
