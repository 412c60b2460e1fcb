import CareEngine
import CareThreads
import CareValues
import Glibc

/// A command's way to the service that holds the store.
final class CommandLink: Sendable {
    /// How long a look for a signal may be away, in milliseconds.
    private static let lookMilliseconds: Int32 = 200
    /// How much of a file one frame holds.
    private static let partBytes = 1 << 20

    private let wire: CommandWire
    private let console: Console

    /// The way to the service that holds the store. - Throws: ``CommandFailure`` when nobody takes commands there.
    init(_ held: StoreHeld, _ console: Console) throws {
        guard let descriptor = CommandSocket(storePath: held.storePath).connect() else { throw held.failure }
        wire = CommandWire(descriptor)
        self.console = console
    }

    /// Has the service carry out a command line, shows what it says, and returns its exit code.
    func carryOut(_ command: any StoreCommand, _ arguments: [String]) throws -> Int32 {
        let contents = try command.files.map { name in
            do {
                return try Files.read(console.resolved(name), atMost: CommandFiles.largest)
            } catch let error as FileReadError {
                throw CommandFailure("\(name) cannot be read: \(error.reason); nothing was done")
            }
        }
        var order = order(arguments)
        order.files = command.files
        console.watchInterruption()
        send(order)
        for content in contents {
            for start in stride(from: 0, to: content.count, by: Self.partBytes) {
                wire.send(.file, Array(content[start..<min(start + Self.partBytes, content.count)]))
            }
            wire.send(.file, [])
        }
        var isInterrupted = false
        while let frame = next(&isInterrupted) {
            switch frame.kind {
            case .output: console.writeOutput(String(decoding: frame.bytes, as: UTF8.self))
            case .error: console.writeError(String(decoding: frame.bytes, as: UTF8.self))
            case .exit: return Int32(String(decoding: frame.bytes, as: UTF8.self)) ?? ExitCode.findings
            default: break
            }
        }
        throw CommandFailure(
            "care serve ended while it carried this out; some of it may be done", help: "Type the same again.",
            exitCode: ExitCode.temporary)
    }

    /// Begins an import; what comes of its messages is said by ``exchange(_:)``.
    func beginImport() {
        var order = order([])
        order.isImport = true
        order.hasColour = false
        send(order)
    }

    /// One message of an import and its answer; nil: the service has ended.
    ///
    /// - Throws: ``CommandFailure`` with what the service says instead.
    func exchange(_ message: [UInt8]) throws -> [UInt8]? {
        // Where it cannot be sent any more, the service may still have said why.
        wire.send(.rows, message)
        var said = ""
        while let frame = wire.receive() {
            switch frame.kind {
            case .rows: return frame.bytes
            case .error: said += String(decoding: frame.bytes, as: UTF8.self)
            case .exit:
                var lines = said.split(separator: "\n").map(String.init)
                var first = lines.isEmpty ? "care serve refused the import" : lines.removeFirst()
                if first.hasPrefix("error: ") { first = String(first.dropFirst(7)) }
                let code = Int32(String(decoding: frame.bytes, as: UTF8.self)) ?? ExitCode.findings
                throw CommandFailure(
                    first, help: lines.isEmpty ? nil : lines.joined(separator: "\n"), exitCode: code)
            default: break
            }
        }
        return nil
    }

    private func order(_ arguments: [String]) -> CommandOrder {
        CommandOrder(
            arguments: arguments, workingDirectory: console.workingDirectory, hasColour: console.hasColour,
            showsProgress: console.showsProgress)
    }

    private func send(_ order: CommandOrder) {
        wire.send(.order, Array(JSONWriter.text(order.json).utf8))
    }

    /// The next frame; a request to end is passed on once.
    private func next(_ isInterrupted: inout Bool) -> CommandWire.Frame? {
        while !wire.waits(milliseconds: Self.lookMilliseconds) {
            if !isInterrupted, console.isInterrupted() {
                isInterrupted = true
                wire.send(.interrupt, [])
            }
        }
        return wire.receive()
    }
}

/// Files that commands take along.
enum CommandFiles {
    /// The largest, in bytes.
    static let largest = 1 << 30
}
