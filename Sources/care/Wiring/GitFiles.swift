import CareEngine
import CareRules
import Glibc

/// Files of another revision, asked of the program `git`.
enum GitFiles {
    /// The rule files under `folder` as they were in `revision`; nil: git knows no such revision here, or is not there.
    ///
    /// - Throws: ``CommandFailure`` when git knows the revision and cannot give the files.
    static func rules(of revision: String, under folder: String, console: Console) throws -> [RuleSource]? {
        // A revision is never an option.
        guard !revision.hasPrefix("-"),
            run(["-C", folder, "rev-parse", "--verify", "--quiet", revision + "^{commit}"]) != nil
        else { return nil }
        guard let listed = run(["-C", folder, "ls-tree", "-r", "-z", "--name-only", revision, "--", "."]) else {
            throw CommandFailure("git cannot list \(console.shown(folder)) of \(revision); nothing was compared")
        }
        let names = listed.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        let wanted = names.filter { name in
            name.hasSuffix(".json") && !name.hasSuffix(".tests.json")
                && !name.split(separator: "/").contains { $0.hasPrefix(".") }
        }
        guard !wanted.isEmpty else {
            throw CommandFailure.usage("\(console.shown(folder)) has no rule files in \(revision)")
        }
        return try wanted.sorted().map { name in
            guard let bytes = run(["-C", folder, "show", "\(revision):./\(name)"]) else {
                throw CommandFailure("git cannot read \(name) of \(revision); nothing was compared")
            }
            return RuleSource(file: "\(revision):\(name)", bytes: bytes)
        }
    }

    /// Whether `folder` lies in a repository, and `git` is there to say so.
    static func isRepository(_ folder: String) -> Bool { run(["-C", folder, "rev-parse", "--git-dir"]) != nil }

    /// What `git` prints; nil: it failed, or is not installed.
    private static func run(_ arguments: [String]) -> [UInt8]? {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var words: [UnsafeMutablePointer<CChar>?] = (["git"] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, "git", &actions, nil, &words, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard code == 0 else { return nil }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(ends[0], $0.baseAddress, $0.count) }
            if count > 0 {
                output += chunk[..<count]
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0 ? output : nil
    }
}
