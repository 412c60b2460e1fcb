import CareThreads
import Glibc

/// An HTTP/1.1 server on 127.0.0.1 that answers as a test wants, also in ways no decent server does.
public final class LoopbackServer: Sendable {
    /// One request as it came.
    public struct Request: Sendable {
        /// `POST`.
        public var method: String
        /// `/hook`.
        public var path: String
        /// Names in lower case.
        public var headers: [(name: String, value: String)]
        /// The body.
        public var body: [UInt8]
        /// Which connection it came over, from 1.
        public var connection: Int

        /// The value of the first header of that name, in lower case.
        public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// What is done about a request.
    public enum Answer: Sendable {
        /// A whole answer.
        case status(Int, headers: [String] = [], body: String = "")
        /// These bytes, then the end of the connection.
        case raw(String)
        /// The head, then so many bytes in pieces without end to the pieces' number announced.
        case endless(status: Int)
        /// The head and a part of the body announced, then silence.
        case stalled(status: Int)
        /// These bytes, then a reset of the connection.
        case reset(String)
        /// The first text, then the second again and again.
        case flood(String, piece: String)
        /// These bytes one by one, each after so many milliseconds.
        case trickle(String, milliseconds: UInt32)
        /// Nothing, while the connection stays open.
        case silence
        /// Nothing, and the connection ends.
        case hangUp
    }

    private struct State {
        var received: [Request] = []
        var sockets: Set<Int32> = []
        var connections = 0
        var isStopped = false
    }

    /// The port it listens at.
    public let port: Int
    private let listener: Int32
    private let state = Monitor(State())
    private let answer: @Sendable (Request) -> Answer

    /// A server that answers by `answer` until it is stopped or the process ends; `answer` may be called by several threads.
    public init(answer: @escaping @Sendable (Request) -> Answer) {
        self.answer = answer
        (listener, port) = LoopbackListener.open()
        let (listener, state, answer) = (listener, state, answer)
        Worker { Self.accept(listener, state, answer) }?.detach()
    }

    /// Ends every connection and takes no more.
    public func stop() {
        // Shut down under the lock, and closed only by the threads that read them: a descriptor closed here could be
        // another server's by the time one of them asks for it again.
        state.update { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            for socket in state.sockets.union([listener]) { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Every request so far, in the order they came.
    public var received: [Request] { state.withLock { $0.received } }

    /// How many connections were made so far.
    public var connections: Int { state.withLock { $0.connections } }

    /// `http://127.0.0.1:PORT` and `path`.
    public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    private static func accept(
        _ listener: Int32, _ state: Monitor<State>, _ answer: @escaping @Sendable (Request) -> Answer
    ) {
        defer { close(listener) }
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let number: Int? = state.withLock { state in
                guard !state.isStopped else { return nil }
                state.connections += 1
                state.sockets.insert(client)
                return state.connections
            }
            guard let number else {
                close(client)
                return
            }
            Worker {
                serve(client, number, state, answer)
                state.withLock { state in
                    state.sockets.remove(client)
                    close(client)
                }
            }?.detach()
        }
    }

    private static func serve(
        _ client: Int32, _ number: Int, _ state: Monitor<State>, _ answer: @Sendable (Request) -> Answer
    ) {
        var reader = SocketReader(socket: client)
        while var request = reader.next() {
            request.connection = number
            state.update { $0.received.append(request) }
            switch answer(request) {
            case .status(let status, let headers, let body):
                var text = "HTTP/1.1 \(status) X\r\n"
                for header in headers { text += header + "\r\n" }
                if status != 204 { text += "Content-Length: \(body.utf8.count)\r\n" }
                guard send(text + "\r\n" + body, to: client) else { return }
            case .raw(let text):
                _ = send(text, to: client)
                return
            case .endless(let status):
                guard send("HTTP/1.1 \(status) X\r\nContent-Length: 1000000000\r\n\r\n", to: client) else { return }
                let piece = String(repeating: "x", count: 16_384)
                while send(piece, to: client) {}
                return
            case .stalled(let status):
                guard send("HTTP/1.1 \(status) X\r\nContent-Length: 100\r\n\r\nhalf", to: client) else { return }
                reader.waitForEnd()
                return
            case .reset(let text):
                _ = send(text, to: client)
                // Closed with nothing to linger for, TCP sends a reset instead of an end.
                var option = linger(l_onoff: 1, l_linger: 0)
                setsockopt(client, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
                return
            case .flood(let head, let piece):
                let pieces = String(repeating: piece, count: max(8_192 / max(piece.utf8.count, 1), 1))
                guard send(head, to: client) else { return }
                while send(pieces, to: client) {}
                return
            case .trickle(let text, let milliseconds):
                for scalar in text.unicodeScalars {
                    guard send(String(scalar), to: client) else { return }
                    usleep(milliseconds * 1000)
                }
            case .silence:
                reader.waitForEnd()
                return
            case .hangUp:
                return
            }
        }
    }

    private static func send(_ text: String, to client: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    client, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}

/// Reads requests off a socket.
private struct SocketReader {
    let socket: Int32
    var buffer: [UInt8] = []

    init(socket: Int32) {
        self.socket = socket
    }

    private mutating func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &piece, piece.count, 0)
        guard count > 0 else { return false }
        buffer += piece.prefix(count)
        return true
    }

    /// Reads until the other side hangs up or the server is stopped.
    mutating func waitForEnd() {
        while fill() { buffer = [] }
    }

    mutating func next() -> LoopbackServer.Request? {
        let end = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while headEnd == nil {
            headEnd = buffer.indices.first { $0 + 4 <= buffer.count && Array(buffer[$0..<$0 + 4]) == end }
            if headEnd == nil, !fill() { return nil }
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard let name = parts.first else { return nil }
            return (name.lowercased(), parts.count == 2 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        while buffer.count < headEnd + 4 + length {
            guard fill() else { return nil }
        }
        let body = Array(buffer[(headEnd + 4)..<(headEnd + 4 + length)])
        buffer.removeSubrange(..<(headEnd + 4 + length))
        return .init(method: String(words[0]), path: String(words[1]), headers: headers, body: body, connection: 0)
    }
}
