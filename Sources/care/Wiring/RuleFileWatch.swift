import CareEngine
import CareThreads
import CareValues
import Glibc

/// Looks at the rule files every second, and calls when they have changed and then stayed as they are for one look: who
/// saves several files one after another is not caught in between.
final class RuleFileWatch: Sendable {
    private let isEnded = Monitor(false)
    private let worker: Worker?

    /// Watches until ``end()``.
    init(_ workspace: Workspace, changed: @escaping @Sendable () -> Void) {
        let isEnded = isEnded
        worker = Worker {
            var known = Self.state(workspace)
            var last = known
            while isEnded.wait(milliseconds: 1_000, until: { $0 ? true : nil }) == nil {
                let state = Self.state(workspace)
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
    private static func state(_ workspace: Workspace) -> [String] {
        let place = workspace.console.resolved(workspace.environment.rulesPath)
        let files = Files.isFolder(place) ? (try? Files.list(place, suffix: ".json")) ?? [] : [place]
        return files.map { file in
            var status = stat()
            guard stat(file, &status) == 0 else { return file }
            return "\(file) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ino)"
        }
    }
}
