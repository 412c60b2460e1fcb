import CareDispatch
import CareStore
import CareValues
import LoopbackServer
import Testing

/// Deliveries to vendors as they describe themselves, from the outbox to the recorded attempt.
@Suite struct VendorContractTests {
    struct Robot: Sendable, CustomTestStringConvertible {
        var contract: Vendor.Contract
        var testDescription: String { contract.name }
    }
    static let robots = Vendor.contracts.map { Robot(contract: $0) }

    private static func enqueue(
        _ count: Int, _ data: String, _ address: String, in world: DispatchWorld
    ) throws -> [DeliveryID] {
        let orders = (1...count).map { number in
            var order = world.order(number, to: "crm")
            order.data = data
            order.address = address
            return order
        }
        try world.store.write { transaction in
            for order in orders { try transaction.enqueue(order, firstAttemptAt: world.clock.now()) }
        }
        return orders.map(\.id)
    }

    private static func run(_ destination: Destination, in world: DispatchWorld) throws {
        try Dispatcher(store: world.store, destinations: [destination], clock: world.clock)
            .run(until: .outboxEmptyOrWaiting)
    }

    @Test(arguments: robots) func `delivers what the vendor accepts, once`(_ robot: Robot) throws {
        let world = try DispatchWorld()
        let vendor = Vendor(robot.contract, clock: world.clock)
        let ids = try Self.enqueue(3, robot.contract.data, robot.contract.address, in: world)
        try Self.run(try vendor.destination(), in: world)
        #expect(try world.counts() == [.delivered: 3])
        #expect(vendor.accepted == [robot.contract.text, robot.contract.text, robot.contract.text])
        #expect(try world.attempts(ids[0]).map(\.outcome) == [.ok])
    }

    @Test(arguments: robots) func `a wrong key disables the destination and parks what waits for it`(
        _ robot: Robot
    ) throws {
        let world = try DispatchWorld()
        let vendor = Vendor(robot.contract, clock: world.clock)
        _ = try Self.enqueue(2, robot.contract.data, robot.contract.address, in: world)
        try Self.run(try vendor.destination(#", "concurrency": 1"#, isStranger: true), in: world)
        #expect(try world.counts() == [.parked: 2])
        #expect(vendor.accepted.isEmpty)
        let disabled = try world.store.read { try $0.disabledDestinations() }
        #expect(disabled.map(\.reason) == [robot.contract.strangerReason])
        // Enabled with the right key, what was parked goes out.
        try world.store.write { try $0.setDestination("crm", disabled: false, since: world.clock.now(), reason: "") }
        try Self.run(try vendor.destination(), in: world)
        #expect(try world.counts() == [.delivered: 2])
        #expect(vendor.accepted.count == 2)
    }

    @Test(arguments: robots) func `what the vendor finds wrong is a dead letter at once, with its reason`(
        _ robot: Robot
    ) throws {
        let world = try DispatchWorld()
        let vendor = Vendor(robot.contract, clock: world.clock)
        let data = robot.contract.wrongData ?? #"{"text":"wrong"}"#
        let ids = try Self.enqueue(1, data, robot.contract.address, in: world)
        try Self.run(try vendor.destination(), in: world)
        let delivery = try world.delivery(ids[0])
        #expect(delivery.state == .dead && delivery.reason == robot.contract.malformedReason && delivery.attempts == 1)
        #expect(try world.store.read { try $0.disabledDestinations() }.isEmpty)
    }

    @Test(arguments: robots) func `too many make the destination pause as long as the vendor asks`(
        _ robot: Robot
    ) throws {
        let world = try DispatchWorld()
        let vendor = Vendor(robot.contract, limit: 1, clock: world.clock)
        _ = try Self.enqueue(3, robot.contract.data, robot.contract.address, in: world)
        let destination = try vendor.destination(#", "concurrency": 1"#)
        try Self.run(destination, in: world)
        #expect(try world.counts() == [.delivered: 1, .waiting: 2])
        vendor.allow(.max)
        world.clock.advance(robot.contract.pause - 1)
        try Self.run(destination, in: world)
        #expect(vendor.accepted.count == 1)
        // The schedule's own wait is up to a fifth longer than five seconds.
        world.clock.advance(7_000)
        try Self.run(destination, in: world)
        #expect(try world.counts() == [.delivered: 3])
    }

    @Test(arguments: robots) func `a lost answer parks, unless care.json wants it repeated`(_ robot: Robot) throws {
        for (further, state) in [("", DeliveryState.parked), (#", "unknown": "retry""#, .waiting)] {
            let world = try DispatchWorld()
            // It has the message, and nobody hears of it.
            let silent = LoopbackServer { _ in .hangUp }
            let vendor = Vendor(robot.contract, clock: world.clock)
            let ids = try Self.enqueue(1, robot.contract.data, robot.contract.address, in: world)
            let destination = try vendor.destination(further, at: silent)
            try Self.run(destination, in: world)
            let delivery = try world.delivery(ids[0])
            #expect(delivery.state == state)
            #expect(delivery.reason.hasSuffix("connection lost"))
            #expect(try world.attempts(ids[0]).map(\.outcome) == [.unknown])
            silent.stop()
        }
    }

    private static let signs = String(repeating: #"\u4f60"#, count: 4_096)
    private static let smiles = String(repeating: #"\ud83d\ude00"#, count: 40_000)

    /// Answers that repeat the longest text there is, every character of it written as escapes.
    private static let echoes: [(Vendor.Contract, String)] = [
        (Vendor.telegram, #"{"ok":true,"result":{"message_id":7,"text":"\#(signs)"}}"#),
        (Vendor.twilio, #"{"body":"\#(signs.prefix(9_600))","sid":"SM1","status":"queued"}"#),
        (
            Vendor.slackApp,
            #"{"message":{"text":"\#(smiles)","blocks":[{"text":"\#(smiles)"}]},"ok":true,"channel":"C01"}"#
        ),
    ]

    @Test func `a vendor's answer that repeats the longest text is read to its end`() throws {
        for (contract, answer) in Self.echoes {
            var contract = contract
            contract.accepted.1 = answer
            let world = try DispatchWorld()
            let vendor = Vendor(contract, clock: world.clock)
            _ = try Self.enqueue(1, contract.data, contract.address, in: world)
            try Self.run(try vendor.destination(#", "timeout": "PT30S""#), in: world)
            #expect(try world.counts() == [.delivered: 1], "\(contract.name)")
        }
    }

    @Test(arguments: robots) func `a success too long to be read parks: it may have arrived`(_ robot: Robot) throws {
        var contract = robot.contract
        // Behind so many blanks the answer is not seen any more.
        contract.accepted.1 = String(repeating: " ", count: 1_100_000) + contract.accepted.1
        let world = try DispatchWorld()
        let vendor = Vendor(contract, clock: world.clock)
        let ids = try Self.enqueue(1, contract.data, contract.address, in: world)
        try Self.run(try vendor.destination(#", "timeout": "PT30S""#), in: world)
        #expect(try world.delivery(ids[0]).state == .parked)
        #expect(try world.delivery(ids[0]).reason == "answer lost: answer cut short")
    }

    @Test func `what has no text is a dead letter, and nobody is asked`() throws {
        let world = try DispatchWorld()
        let vendor = Vendor(Vendor.wecom, clock: world.clock)
        let ids = try Self.enqueue(1, #"{"customer":"c1"}"#, "", in: world)
        try Self.run(try vendor.destination(), in: world)
        let delivery = try world.delivery(ids[0])
        #expect(delivery.state == .dead)
        #expect(delivery.reason == "no text: data has neither text nor message, and the destination no template")
        #expect(vendor.accepted.isEmpty)
    }
}
