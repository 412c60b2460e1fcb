import CCurl
import CareThreads
import Glibc

/// Looks names up on a few threads of its own, and remembers.
///
/// libcurl's own lookups start a thread each and stall the loop when a resolver hangs; here a hung name costs one
/// thread, and names that failed last time share half of the threads at most, so that dead names cannot keep the
/// others waiting. An expired entry is used on until its renewal has come, for ten minutes at most.
public final class Resolver: Sendable {
    /// What is known of a name.
    public enum Answer: Sendable, Hashable {
        /// Its addresses, in the order the system prefers, and a number that changes when they do.
        case addresses([String], version: Int)
        /// It could not be resolved a moment ago.
        case failed
        /// Is being looked up; the waker is called when there is an answer.
        case pending
    }

    /// How long an answer is used without asking again.
    public static let lifetimeMilliseconds: Int64 = 60_000
    /// How long an expired answer is still used while its renewal hangs.
    public static let staleMilliseconds: Int64 = 600_000
    /// How long a failure is answered without asking again.
    public static let failureMilliseconds: Int64 = 5_000

    private struct Entry {
        var addresses: [String] = []
        var version = 0
        var expiresAt: Int64 = 0
        var failedUntil: Int64 = 0
        var isSuspect = false
        var isRunning = false
        var waiting: [Waker] = []
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var trusted: [String] = []
        var suspect: [String] = []
        var runningSuspects = 0
        var versions = 0
        var isStopped = false
    }

    private let state: Monitor<State>
    private let threads: Int
    private let lookup: @Sendable (String) -> [String]
    private let now: @Sendable () -> Int64

    /// A resolver with its own threads, which live until it is stopped.
    ///
    /// - Parameter now: milliseconds of a monotonic clock.
    /// - Parameter lookup: blocks; gives addresses as text, none when there are none.
    public init(
        threads: Int = 8, now: @escaping @Sendable () -> Int64 = { care_monotonic_ms() },
        lookup: @escaping @Sendable (String) -> [String] = Resolver.systemLookup
    ) {
        self.threads = max(threads, 2)
        self.now = now
        self.lookup = lookup
        state = Monitor(State())
        for _ in 0..<self.threads {
            let (state, half) = (state, self.threads / 2)
            Worker { Resolver.serve(state, half: half, now: now, lookup: lookup) }?.detach()
        }
    }

    deinit {
        state.update { $0.isStopped = true }
    }

    /// What is known of `host` now; begins a lookup where that is needed.
    public func answer(for host: String, waking waker: Waker) -> Answer {
        let instant = now()
        let (answer, begins): (Answer, Bool) = state.withLock { state in
            var entry = state.entries[host] ?? Entry()
            defer { state.entries[host] = entry }
            let isUsable = !entry.addresses.isEmpty && instant < entry.expiresAt + Self.staleMilliseconds
            if isUsable && instant < entry.expiresAt {
                return (.addresses(entry.addresses, version: entry.version), false)
            }
            if instant < entry.failedUntil {
                return (isUsable ? .addresses(entry.addresses, version: entry.version) : .failed, false)
            }
            let begins = !entry.isRunning
            if begins {
                entry.isRunning = true
                if entry.isSuspect { state.suspect.append(host) } else { state.trusted.append(host) }
            }
            if isUsable { return (.addresses(entry.addresses, version: entry.version), begins) }
            if !entry.waiting.contains(where: { $0 === waker }) { entry.waiting.append(waker) }
            return (.pending, begins)
        }
        if begins { state.update { _ in } }
        return answer
    }

    private static func serve(
        _ monitor: Monitor<State>, half: Int, now: @Sendable () -> Int64, lookup: @Sendable (String) -> [String]
    ) {
        while true {
            let next: (host: String, isSuspect: Bool)?? = monitor.wait(milliseconds: nil) { state in
                if state.isStopped { return .some(nil) }
                if !state.trusted.isEmpty { return (state.trusted.removeFirst(), false) }
                if !state.suspect.isEmpty && state.runningSuspects < half {
                    state.runningSuspects += 1
                    return (state.suspect.removeFirst(), true)
                }
                return nil
            }
            guard let job = next ?? nil else { return }
            let addresses = lookup(job.host)
            let instant = now()
            let wakers = monitor.update { state in
                if job.isSuspect { state.runningSuspects -= 1 }
                var entry = state.entries[job.host] ?? Entry()
                entry.isRunning = false
                entry.isSuspect = addresses.isEmpty
                if addresses.isEmpty {
                    entry.failedUntil = instant + Self.failureMilliseconds
                } else {
                    entry.expiresAt = instant + Self.lifetimeMilliseconds
                    if entry.addresses != addresses {
                        state.versions += 1
                        entry.version = state.versions
                        entry.addresses = addresses
                    }
                }
                let wakers = entry.waiting
                entry.waiting = []
                state.entries[job.host] = entry
                return wakers
            }
            for waker in wakers { waker.wake() }
        }
    }

    /// Asks the system: hosts file, DNS, in its order; blocks as long as the system does.
    public static let systemLookup: @Sendable (String) -> [String] = { host in
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var addresses: [String] = []
        var current = first
        while let info = current {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                info.pointee.ai_addr, info.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
                == 0
            {
                let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                let address = String(decoding: bytes, as: UTF8.self)
                // A zone index (fe80::1%eth0) is only for link-local addresses, which are refused anyway.
                if !address.contains("%"), !addresses.contains(address) { addresses.append(address) }
            }
            current = info.pointee.ai_next
        }
        return addresses
    }
}
