import CareTransport

/// MQTT as a publisher speaks it: CONNECT once, then PUBLISH and PUBACK, told apart by packet identifiers.
///
/// A message without acknowledgement (quality of service 0) is followed by a PINGREQ: brokers handle packets in their
/// order, so the PINGRESP says that it was read, though not that it was kept.
///
/// Source: MQTT Version 5.0 and MQTT Version 3.1.1, OASIS Standards, chapters 2 and 3.
struct MQTTConversation: Conversation {
    /// What is said at the beginning, and how messages are sent.
    struct Settings: Sendable, Hashable {
        var version = MQTTSettings.Version.v5
        /// Unique among the broker's clients; a second client of the same name ends the first.
        var clientID: String
        var user: String?
        var password: String?
        /// 0 or 1.
        var quality: UInt8 = 1
        /// The content type that subscribers see; version 5 only.
        var contentType: String
    }

    /// Seconds after which a broker may take this side for dead; idle connections are closed long before.
    static let keepAliveSeconds: UInt16 = 120
    /// More than any packet that a broker has to send a publisher.
    static let longestPacket = 65_536
    /// The longest packet there is, its first byte and length included.
    private static let longestMessage = 268_435_455
    private static let usualDepth = 32

    private enum Phase: Hashable { case beginning, waitingForConnack, ready }

    private let settings: Settings
    private var phase = Phase.beginning
    private var input = ConversationInput()
    private var lastPacket: UInt16 = 0
    private var tickets: [UInt16: Int] = [:]
    /// Of quality 0: in the order of their PINGREQ.
    private var pinged: [Int] = []
    private var receiveMaximum = 65_535
    private var maximumPacket = MQTTConversation.longestMessage
    private var maximumQuality: UInt8 = 2

    init(_ settings: Settings) { self.settings = settings }

    var depth: Int { min(Self.usualDepth, receiveMaximum) }
    var isReady: Bool { phase == .ready }

    mutating func open(into output: inout [UInt8]) {
        phase = .waitingForConnack
        var packet = MQTTPacket(0x10)
        packet.text("MQTT")
        packet.byte(settings.version == .v5 ? 5 : 4)
        packet.byte(0x02 | (settings.user == nil ? 0 : 0x80) | (settings.password == nil ? 0 : 0x40))
        packet.number(Self.keepAliveSeconds)
        if settings.version == .v5 {
            // Maximum Packet Size: what is longer would be taken for garbage here.
            packet.properties([0x27] + MQTTPacket.bytes(of: UInt32(Self.longestPacket)))
        }
        packet.text(settings.clientID)
        if let user = settings.user { packet.text(user) }
        if let password = settings.password { packet.text(password) }
        packet.append(to: &output)
    }

    mutating func send(
        _ message: ConversationMessage, ticket: Int, into output: inout [UInt8]
    ) -> ConversationOutcome? {
        guard settings.quality <= maximumQuality else { return MQTTReason.refusal(0x9B) }
        guard MQTTTopic.isValid(message.subject) else { return MQTTReason.refusal(0x90) }
        var packet = MQTTPacket(0x30 | settings.quality << 1)
        packet.text(message.subject)
        var identifier: UInt16 = 0
        if settings.quality > 0 {
            identifier = nextIdentifier()
            packet.number(identifier)
        }
        if settings.version == .v5 {
            var properties: [UInt8] = [0x01, 1]  // Payload Format Indicator: UTF-8
            properties.append(0x03)
            properties += MQTTPacket.bytes(of: settings.contentType)
            properties.append(0x26)
            properties += MQTTPacket.bytes(of: "webhook-id") + MQTTPacket.bytes(of: message.id)
            packet.properties(properties)
        }
        packet.body += message.body
        guard packet.body.count + 5 <= maximumPacket else { return MQTTReason.refusal(0x95) }
        packet.append(to: &output)
        if settings.quality > 0 {
            tickets[identifier] = ticket
        } else {
            output += [0xC0, 0]
            pinged.append(ticket)
        }
        return nil
    }

    private mutating func nextIdentifier() -> UInt16 {
        repeat {
            lastPacket = lastPacket == .max ? 1 : lastPacket + 1
        } while tickets[lastPacket] != nil
        return lastPacket
    }

    mutating func receive(
        _ bytes: [UInt8], into output: inout [UInt8], ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        input.append(bytes)
        while let (type, packet) = try nextPacket() {
            switch (phase, type) {
            case (.waitingForConnack, 0x20): try readConnack(packet)
            case (.ready, 0x40): try readPuback(packet, &ended)
            case (.ready, 0xD0):
                guard packet.isEmpty, !pinged.isEmpty else { throw .garbled }
                ended.append(ConversationEnd(ticket: pinged.removeFirst(), .accepted))
            case (_, 0xE0) where settings.version == .v5:
                let code = packet.first ?? 0
                throw .refused(code: Int(code), detail: MQTTReason.text(code))
            default: throw .garbled
            }
        }
    }

    /// The first byte of the next packet, and what follows its length; nil: it has not come whole.
    private mutating func nextPacket() throws(ConversationProblem) -> (UInt8, ArraySlice<UInt8>)? {
        var length = 0
        var shift = 0
        var place = 1
        while true {
            guard place < input.count else { return nil }
            let byte = input[place]
            length |= Int(byte & 0x7F) << shift
            place += 1
            guard length <= Self.longestPacket, place <= 5 else { throw .garbled }
            if byte < 0x80 { break }
            shift += 7
        }
        guard input.count >= place + length else { return nil }
        let packet = input.take(place + length)
        return (packet[packet.startIndex], packet.dropFirst(place))
    }

    private mutating func readConnack(_ packet: ArraySlice<UInt8>) throws(ConversationProblem) {
        var reader = MQTTReader(packet)
        let flags = try reader.byte()
        let code = try reader.byte()
        guard flags & 0xFE == 0 else { throw .garbled }
        guard code == 0 else { throw .refused(code: Int(code), detail: MQTTReason.text(code)) }
        if settings.version == .v5 {
            for (name, value) in try reader.properties() {
                switch name {
                case 0x21: receiveMaximum = max(value, 1)
                case 0x24: maximumQuality = UInt8(truncatingIfNeeded: value)
                case 0x27: maximumPacket = value
                default: break
                }
            }
        }
        guard reader.isAtEnd else { throw .garbled }
        phase = .ready
    }

    private mutating func readPuback(
        _ packet: ArraySlice<UInt8>, _ ended: inout [ConversationEnd]
    ) throws(ConversationProblem) {
        var reader = MQTTReader(packet)
        guard let ticket = tickets.removeValue(forKey: UInt16(try reader.number(bytes: 2))) else { throw .garbled }
        var code: UInt8 = 0
        if !reader.isAtEnd, settings.version == .v5 {
            code = try reader.byte()
            if !reader.isAtEnd { _ = try reader.properties() }
        }
        guard reader.isAtEnd else { throw .garbled }
        ended.append(ConversationEnd(ticket: ticket, code == 0 ? .accepted : MQTTReason.refusal(code)))
    }

    mutating func close(into output: inout [UInt8]) {
        if phase == .ready { output += [0xE0, 0] }
    }
}
