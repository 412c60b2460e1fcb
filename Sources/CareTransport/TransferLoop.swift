import CCurl
import CareThreads

/// Runs many transfers at once on the one thread that calls it: libcurl's multi interface over epoll.
///
/// Every submitted request comes back exactly once, from ``run(timeoutMilliseconds:_:)``. Connections are kept and
/// used again. Nothing here limits how many run at once beyond `capacity`: that is the caller's business.
///
/// Not `Sendable`: create, use and release it on one thread; only ``waker`` may go elsewhere.
public final class TransferLoop {
    private struct Slot {
        var transfer: OpaquePointer
        var tag = 0
        /// Keeps what C only points at.
        var policy: AddressPolicy?
        var isRunning = false
    }

    private struct Awaiting {
        var request: TransferRequest
        var tag: Int
        var startedAt: Int64
    }

    /// Ends the loop's wait from any thread.
    public let waker: Waker
    /// How many requests may be submitted and not back yet.
    public let capacity: Int
    /// How many are.
    public private(set) var inFlight = 0

    private let loop: OpaquePointer
    private let resolver: Resolver
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var awaiting: [String: [Awaiting]] = [:]
    private var pinned: [String: Int] = [:]
    private var failed: [(tag: Int, error: TransportError, startedAt: Int64)] = []
    private var done: [care_done]

    private static let isStarted: Bool = care_curl_start() == 0

    /// A loop for `capacity` requests at once; nil: the system has no descriptors or memory left.
    public init?(resolver: Resolver, capacity: Int) {
        guard Self.isStarted, let waker = Waker(),
            let loop = care_loop_create(waker.descriptor, Int(capacity) + 64)
        else { return nil }
        self.waker = waker
        self.loop = loop
        self.resolver = resolver
        self.capacity = capacity
        done = Array(repeating: care_done(), count: 256)
    }

    deinit {
        for slot in slots {
            if slot.isRunning { care_loop_remove(loop, slot.transfer) }
            care_transfer_destroy(slot.transfer)
        }
        care_loop_destroy(loop)
    }

    /// Begins an exchange. Its result comes under `tag`.
    ///
    /// - Precondition: ``inFlight`` is below ``capacity``.
    public func submit(_ request: TransferRequest, tag: Int) {
        precondition(inFlight < capacity, "more requests than the loop was made for")
        inFlight += 1
        begin(Awaiting(request: request, tag: tag, startedAt: care_monotonic_ms()))
    }

    private func begin(_ item: Awaiting) {
        let url = item.request.target.url
        if url.isLiteral { return start(item, pin: nil) }
        switch resolver.answer(for: url.host, waking: waker) {
        case .pending:
            awaiting[url.host, default: []].append(item)
        case .failed:
            failed.append((item.tag, TransportError(.nameNotResolved), item.startedAt))
        case .addresses(let addresses, let version):
            let place = "\(url.host):\(url.port)"
            if pinned[place] == version { return start(item, pin: nil) }
            pinned[place] = version
            let list = addresses.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
            start(item, pin: "\(place):\(list)")
        }
    }

    private func start(_ item: Awaiting, pin: String?) {
        guard let index = freeSlot() else {
            failed.append((item.tag, TransportError(.resources), item.startedAt))
            return
        }
        let transfer = slots[index].transfer
        let target = item.request.target
        let waited = care_monotonic_ms() - item.startedAt
        let timeout = max(target.timeoutMilliseconds - waited, 1)
        var code = CURLE_OK
        if let pin, care_transfer_add_resolve(transfer, pin) != 0 { code = CURLE_OUT_OF_MEMORY }
        if code == CURLE_OK {
            code =
                switch item.request {
                case .http(let request): request.prepare(transfer, timeout: timeout, tag: index)
                }
        }
        guard code == CURLE_OK, care_loop_add(loop, transfer) == CURLM_OK else {
            // The headers of a request that never ran would otherwise go out with the next.
            care_transfer_forget(transfer)
            free.append(index)
            failed.append((item.tag, TransportError(.badRequest, code: Int(code.rawValue)), item.startedAt))
            return
        }
        slots[index].tag = item.tag
        slots[index].policy = target.addresses
        slots[index].isRunning = true
    }

    private func freeSlot() -> Int? {
        if let index = free.popLast() { return index }
        guard let transfer = care_transfer_create() else { return nil }
        slots.append(Slot(transfer: transfer))
        return slots.count - 1
    }

    /// Waits for something to happen, then hands over what has ended.
    ///
    /// - Parameter timeoutMilliseconds: how long to wait at most; nil: until something happens.
    /// - Parameter body: gets the tag, the result, and how long it took in milliseconds.
    /// - Returns: false: libcurl's multi handle is broken; the loop must not be used again.
    @discardableResult
    public func run(
        timeoutMilliseconds: Int64?, _ body: (_ tag: Int, _ result: TransferResult, _ milliseconds: Int64) -> Void
    ) -> Bool {
        var wait = timeoutMilliseconds.map { Int32(clamping: max($0, 0)) } ?? -1
        if !failed.isEmpty { wait = 0 }
        if !awaiting.isEmpty { wait = wait < 0 ? 200 : min(wait, 200) }
        let count = care_loop_run(loop, wait, &done, Int32(done.count))
        guard count >= 0 else { return false }
        for index in 0..<Int(count) {
            let ended = done[index]
            let slot = Int(ended.tag)
            let tag = slots[slot].tag
            slots[slot].isRunning = false
            slots[slot].policy = nil
            free.append(slot)
            inFlight -= 1
            body(tag, TransferResult(http: ended), ended.total_us / 1000)
        }
        continueAwaiting()
        while let item = failed.popLast() {
            inFlight -= 1
            body(item.tag, .failure(item.error), care_monotonic_ms() - item.startedAt)
        }
        return true
    }

    private func continueAwaiting() {
        guard !awaiting.isEmpty else { return }
        let now = care_monotonic_ms()
        for (host, items) in awaiting {
            if case .pending = resolver.answer(for: host, waking: waker) {
                let late = items.filter { now - $0.startedAt >= $0.request.target.timeoutMilliseconds }
                guard !late.isEmpty else { continue }
                for item in late { failed.append((item.tag, TransportError(.nameNotResolved), item.startedAt)) }
                let kept = items.filter { now - $0.startedAt < $0.request.target.timeoutMilliseconds }
                awaiting[host] = kept.isEmpty ? nil : kept
            } else {
                awaiting[host] = nil
                for item in items { begin(item) }
            }
        }
    }
}
