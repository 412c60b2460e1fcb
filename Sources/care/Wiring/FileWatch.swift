import CareThreads
import Glibc

/// Looks at files every second, and calls when they have changed and then stayed as they are for one look: who saves
/// several files one after another is not caught in between.
final class FileWatch: Sendable {
    private let isEnded = Monitor(false)
    private let worker: Worker?

    /// Watches what `files` names, asked for at each look, until ``end()``.
    init(files: @escaping @Sendable () -> [String], changed: @escaping @Sendable () -> Void) {
        let isEnded = isEnded
        worker = Worker {
            var known = Self.state(files())
            var last = known
            while isEnded.wait(milliseconds: 1_000, until: { $0 ? true : nil }) == nil {
                let state = Self.state(files())
                if state != known, state == last {
                    known = state
                    changed()
                }
                last = state
            }
        }
    }

    /// Ends it, and waits for that.
    func end() {
        isEnded.update { $0 = true }
        worker?.join()
    }

    /// What distinguishes the files as they are from those of another time: names, sizes, instants of change.
    private static func state(_ files: [String]) -> [String] {
        files.map { file in
            var status = stat()
            guard stat(file, &status) == 0 else { return file }
            return "\(file) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ino)"
        }
    }
}
