import CareThreads
import Glibc

/// A connection between a command and the service: frames of a kind and their bytes.
final class CommandWire: Sendable {
    /// What a frame is.
    enum Kind: UInt8 {
        /// The command: which, and how it is to be answered. JSON.
        case order = 1
        /// A part of a file that goes along; an empty one ends it.
        case file
        /// Somebody asked the command to end.
        case interrupt
        /// Text of the command for standard output.
        case output
        /// Text of the command for standard error.
        case error
        /// The command has ended with this code, in digits.
        case exit
        /// A message of an import, either way.
        case rows
    }

    /// A frame.
    struct Frame {
        var kind: Kind
        var bytes: [UInt8]
    }

    /// The most bytes of one frame.
    static let largest = 64 << 20

    private let descriptor: Int32
    /// One frame is written at a time.
    private let writing = Lock(())

    /// The connection of an open descriptor, which is closed with it.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Sends a frame; false: nobody is there any more.
    @discardableResult
    func send(_ kind: Kind, _ bytes: [UInt8]) -> Bool {
        let length = UInt32(bytes.count)
        let head = [kind.rawValue] + (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
        return writing.withLock { _ in write(head) && write(bytes) }
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// The next frame; nil: the other end has gone, or says what is none.
    func receive() -> Frame? {
        guard let head = read(5), let kind = Kind(rawValue: head[0]) else { return nil }
        let length = (0..<4).reduce(0) { $0 | Int(head[$1 + 1]) << ($1 * 8) }
        guard length <= Self.largest, let bytes = read(length) else { return nil }
        return Frame(kind: kind, bytes: bytes)
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let read = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress.map { $0 + filled }, count - filled, 0)
            }
            if read > 0 {
                filled += read
            } else if read == 0 || errno != EINTR {
                return nil
            }
        }
        return bytes
    }

    /// Waits until a frame begins to come, or the other end goes; false: the time is over, or a signal came.
    func waits(milliseconds: Int32) -> Bool {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, milliseconds) > 0
    }

    /// Ends what is to be read from it: whoever waits for a frame gets none.
    func endReading() {
        shutdown(descriptor, Int32(SHUT_RD))
    }

    /// The user at the other end.
    var user: uid_t? { CommandSocket.user(of: descriptor) }
}
