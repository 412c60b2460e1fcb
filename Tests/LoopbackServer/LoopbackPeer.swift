import CareThreads
import Glibc

/// The other end of a connection on 127.0.0.1, in whatever protocol a test wants.
public final class LoopbackPeer: Sendable {
    /// What is done about what has come.
    public enum Answer: Sendable {
        /// These bytes.
        case bytes([UInt8])
        /// These bytes, then the end of the connection.
        case last([UInt8])
        /// Nothing, while the connection stays open.
        case silence
        /// The same bytes again and again, until the other side hangs up.
        case endless([UInt8])
    }

    private struct State {
        var received: [[UInt8]] = []
        var sockets: Set<Int32> = []
        var connections = 0
        var ended = 0
        var isStopped = false
    }

    /// The port it listens at.
    public let port: Int
    private let listener: Int32
    private let state = Monitor(State())

    /// A peer that says `greeting` first and then answers each piece that comes, given with the connection's number
    /// from 1; by several threads.
    public init(
        greeting: [UInt8] = [], answer: @escaping @Sendable (_ piece: [UInt8], _ connection: Int) -> Answer
    ) {
        (listener, port) = LoopbackListener.open()
        let (listener, state) = (listener, state)
        Worker { Self.accept(listener, state, greeting, answer) }?.detach()
    }

    /// Ends every connection and takes no more.
    public func stop() {
        state.update { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            for socket in state.sockets.union([listener]) { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Says something that nobody has asked for, on the connections that there are; with the last of it, hangs up.
    public func say(_ bytes: [UInt8], hangsUp: Bool = false) {
        state.withLock { state in
            for socket in state.sockets {
                _ = Self.send(bytes, to: socket)
                if hangsUp { shutdown(socket, Int32(SHUT_RDWR)) }
            }
        }
    }

    /// Ends the connections that there are.
    public func hangUp() {
        state.withLock { state in
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// All that came, of one connection after the other as it came.
    public var received: [UInt8] { state.withLock { Array($0.received.joined()) } }
    /// How many connections were made so far.
    public var connections: Int { state.withLock { $0.connections } }
    /// How many of them are over.
    public var ended: Int { state.withLock { $0.ended } }

    private static func accept(
        _ listener: Int32, _ state: Monitor<State>, _ greeting: [UInt8],
        _ answer: @escaping @Sendable ([UInt8], Int) -> Answer
    ) {
        defer { close(listener) }
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let number: Int? = state.withLock { state in
                guard !state.isStopped else { return nil }
                state.connections += 1
                state.sockets.insert(client)
                state.received.append([])
                return state.connections
            }
            guard let number else {
                close(client)
                return
            }
            Worker {
                serve(client, number, state, greeting, answer)
                state.withLock { state in
                    state.sockets.remove(client)
                    state.ended += 1
                    close(client)
                }
            }?.detach()
        }
    }

    private static func serve(
        _ client: Int32, _ number: Int, _ state: Monitor<State>, _ greeting: [UInt8],
        _ answer: ([UInt8], Int) -> Answer
    ) {
        guard send(greeting, to: client) else { return }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            let piece = Array(buffer[..<count])
            state.update { $0.received[number - 1] += piece }
            switch answer(piece, number) {
            case .bytes(let bytes):
                guard send(bytes, to: client) else { return }
            case .last(let bytes):
                _ = send(bytes, to: client)
                return
            case .silence: break
            case .endless(let bytes):
                while send(bytes, to: client) {}
                return
            }
        }
    }

    private static func send(_ bytes: [UInt8], to client: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBufferPointer { buffer in
                Glibc.send(client, buffer.baseAddress.map { $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
