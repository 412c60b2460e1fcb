import CCurl
import CareThreads

/// Runs many transfers at once on the one thread that calls it: libcurl's multi interface over epoll.
///
/// Every submitted request comes back exactly once, from ``run(timeoutMilliseconds:_:)``. Connections are kept and
/// used again. Nothing here limits how many run at once beyond `capacity`: that is the caller's business.
///
/// Not `Sendable`: create, use and release it on one thread; only ``waker`` may go elsewhere.
public final class TransferLoop {
    /// A transfer of libcurl, and what it does at present.
    struct Slot {
        var transfer: OpaquePointer
        var tag = 0
        /// Keeps what C only points at.
        var policy: AddressPolicy?
        var isRunning = false
        /// The connection it is; nil: it is a transfer that ends by itself.
        var connection: Connection?
    }

    struct Awaiting {
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

    let loop: OpaquePointer
    var slots: [Slot] = []
    /// The slots of connections, by endpoint.
    var pools: [ObjectIdentifier: [Int]] = [:]
    /// Slots of connections that may have something to send.
    var dirty: [Int] = []
    /// Slots of connections that had more to read than one pass takes.
    var unread: [Int] = []
    /// No connection needs to be looked at before, monotonic milliseconds.
    var nextDeadline = Int64.max
    /// Requests that ended outside of libcurl.
    var ended: [Connection.Ended] = []
    /// Lines to be written in the next round.
    private var lines = LineQueue()
    private let resolver: Resolver
    private var free: [Int] = []
    /// What waits for the address of a name.
    private var awaiting: [String: [Awaiting]] = [:]
    private var pinned: [String: Int] = [:]
    private var done: [care_done]

    private static let isStarted: Bool = care_curl_start() == 0

    /// How many descriptors the process may have open: as many as it may ask for.
    public static let descriptorLimit = Int(clamping: care_raise_descriptor_limit())

    /// A loop for `capacity` requests at once; nil: the system has no descriptors or memory left.
    ///
    /// - Parameter idleConnections: how many connections are kept for later; nil: a few more than `capacity`.
    public init?(resolver: Resolver, capacity: Int, idleConnections: Int? = nil) {
        guard Self.isStarted, let waker = Waker(),
            let loop = care_loop_create(waker.descriptor, idleConnections ?? capacity + 64)
        else { return nil }
        self.waker = waker
        self.loop = loop
        self.resolver = resolver
        self.capacity = capacity
        done = Array(repeating: care_done(), count: 256)
    }

    deinit {
        for slot in slots {
            slot.connection?.close()
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
        if case .line(let line) = request {
            lines.add(line, tag: tag)
            return
        }
        begin(Awaiting(request: request, tag: tag, startedAt: care_monotonic_ms()))
    }

    private func begin(_ item: Awaiting) {
        if case .conversation(let request) = item.request, join(request, item) { return }
        let shared = item.request.shared
        // A proxy's connections are not seen from here: what can be, is checked.
        if shared.target.proxy != nil, shared.target.addresses.refusesUnseen(shared.target.url.host) {
            return fail(item, TransportError(.addressRefused))
        }
        let url = shared.target.dialled
        guard !url.isLiteral else {
            start(item, pin: nil)
            return
        }
        switch resolver.answer(for: url.host, waking: waker) {
        case .pending:
            awaiting[url.host, default: []].append(item)
        case .failed:
            fail(item, TransportError(.nameNotResolved))
        case .addresses(let addresses, let version):
            let place = "\(url.host):\(url.port)"
            guard pinned[place] != version else {
                start(item, pin: nil)
                return
            }
            pinned[place] = version
            let list = addresses.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
            // What libcurl has not been told it would look up by itself.
            if !start(item, pin: "\(place):\(list)") { pinned[place] = nil }
        }
    }

    private func fail(_ item: Awaiting, _ error: TransportError) {
        ended.append((item.tag, .failure(error), item.startedAt))
    }

    @discardableResult
    private func start(_ item: Awaiting, pin: String?) -> Bool {
        guard let index = freeSlot() else {
            fail(item, TransportError(.resources))
            return false
        }
        let transfer = slots[index].transfer
        let shared = item.request.shared
        let waited = care_monotonic_ms() - item.startedAt
        let timeout = max(shared.target.timeoutMilliseconds - waited, 1)
        let left = item.request.sendWithinMilliseconds.map { $0 - waited }
        if let left, left <= 0 {
            free.append(index)
            fail(item, TransportError(.connectTimeout))
            return false
        }
        var code = CURLE_OK
        if let pin, care_transfer_add_resolve(transfer, pin) != 0 { code = CURLE_OUT_OF_MEMORY }
        if code == CURLE_OK {
            switch item.request {
            case .http(let request):
                code = request.prepare(transfer, timeout: timeout, connectTimeout: left, tag: index)
            case .conversation(let request):
                code = request.endpoint.prepare(transfer, timeout: timeout, tag: index)
            case .line: code = CURLE_BAD_FUNCTION_ARGUMENT
            }
        }
        guard code == CURLE_OK, care_loop_add(loop, transfer) == CURLM_OK else {
            // The headers of a request that never ran would otherwise go out with the next.
            care_transfer_forget(transfer)
            free.append(index)
            fail(item, TransportError(.badRequest, code: Int(code.rawValue)))
            return false
        }
        slots[index].tag = item.tag
        slots[index].policy = shared.target.dialledAddresses
        slots[index].isRunning = true
        if case .conversation(let request) = item.request { open(request, item, at: index) }
        return true
    }

    private func freeSlot() -> Int? {
        if let index = free.popLast() { return index }
        guard let transfer = care_transfer_create() else { return nil }
        slots.append(Slot(transfer: transfer))
        return slots.count - 1
    }

    /// The slot may be used for something else.
    func release(_ index: Int) {
        slots[index].isRunning = false
        slots[index].policy = nil
        slots[index].connection = nil
        free.append(index)
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
        flushConnections()
        if !ended.isEmpty || !lines.isEmpty || !unread.isEmpty { wait = 0 }
        if !awaiting.isEmpty { wait = wait < 0 ? 200 : min(wait, 200) }
        if nextDeadline < .max {
            let left = Int32(clamping: max(nextDeadline - care_monotonic_ms(), 0))
            wait = wait < 0 ? left : min(wait, left)
        }
        let count = care_loop_run(loop, wait, &done, Int32(done.count))
        guard count >= 0 else { return false }
        for index in 0..<Int(count) {
            let result = done[index]
            let slot = Int(result.tag)
            if let connection = slots[slot].connection {
                made(connection, at: slot, result)
                continue
            }
            let tag = slots[slot].tag
            release(slot)
            inFlight -= 1
            body(tag, TransferResult(http: result), result.total_us / 1000)
        }
        serveConnections()
        continueAwaiting()
        // What is submitted meanwhile is for the next round.
        let batch = lines
        lines = LineQueue()
        batch.write { tag, result, milliseconds in
            inFlight -= 1
            body(tag, result, milliseconds)
        }
        while let item = ended.popLast() {
            inFlight -= 1
            body(item.tag, item.result, care_monotonic_ms() - item.startedAt)
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
                for item in late { fail(item, TransportError(.nameNotResolved)) }
                let kept = items.filter { now - $0.startedAt < $0.request.target.timeoutMilliseconds }
                awaiting[host] = kept.isEmpty ? nil : kept
            } else {
                awaiting[host] = nil
                for item in items { begin(item) }
            }
        }
    }
}
