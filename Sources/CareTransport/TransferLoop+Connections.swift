import CCurl

extension TransferLoop {
    /// Hands the message to a connection of its endpoint that has room; false: there is none.
    func join(_ request: ConversationRequest, _ item: Awaiting) -> Bool {
        guard let pool = pools[ObjectIdentifier(request.endpoint)] else { return false }
        for index in pool {
            guard let connection = slots[index].connection, connection.hasRoom else { continue }
            // It may have been closed while nothing was to be sent: what is sent now would be lost.
            if connection.isIdle, let failure = read(connection, at: index) {
                drop(index, failure)
                continue
            }
            submit(request.message, item, to: connection, at: index)
            return true
        }
        return false
    }

    /// A connection is being made for the message.
    func open(_ request: ConversationRequest, _ item: Awaiting, at index: Int) {
        let connection = Connection(request.endpoint, transfer: slots[index].transfer)
        slots[index].connection = connection
        pools[ObjectIdentifier(request.endpoint), default: []].append(index)
        submit(request.message, item, to: connection, at: index)
    }

    private func submit(_ message: ConversationMessage, _ item: Awaiting, to connection: Connection, at index: Int) {
        let sendBy = item.request.sendWithinMilliseconds.map { item.startedAt + $0 } ?? .max
        connection.submit(message, tag: item.tag, startedAt: item.startedAt, sendBy: sendBy, &ended)
        nextDeadline = min(
            nextDeadline, sendBy, item.startedAt + connection.endpoint.target.timeoutMilliseconds)
        note(connection, at: index)
    }

    /// What it has to send is sent before the loop waits again.
    private func note(_ connection: Connection, at index: Int) {
        guard connection.isDirty, !connection.isNoted else { return }
        connection.isNoted = true
        dirty.append(index)
    }

    /// libcurl has made the connection, or has not.
    func made(_ connection: Connection, at index: Int, _ done: care_done) {
        guard done.result == 0 else {
            return drop(index, connection.refusal(done).map { .problem($0) } ?? .notMade(TransportError(done)))
        }
        guard care_loop_watch(loop, connection.transfer, 0) == 0 else {
            return drop(index, .notMade(TransportError(.resources)))
        }
        connection.connected(&ended)
        nextDeadline = min(nextDeadline, connection.deadline)
        note(connection, at: index)
    }

    /// Sends what has gathered: many messages in one piece.
    func flushConnections() {
        for index in dirty {
            guard let connection = slots[index].connection else { continue }
            connection.isNoted = false
            flush(connection, at: index)
        }
        dirty.removeAll(keepingCapacity: true)
    }

    private func flush(_ connection: Connection, at index: Int) {
        // Why the peer has hung up it may have said before.
        guard connection.flush() else { return drop(index, connection.read(&ended) ?? .lost) }
        guard connection.isBlocked != connection.isWatchedForWriting else { return }
        connection.isWatchedForWriting = connection.isBlocked
        if care_loop_watch(loop, connection.transfer, connection.isBlocked ? 1 : 0) != 0 { drop(index, .lost) }
    }

    /// Reads what one pass takes; nil: the connection lives.
    private func read(_ connection: Connection, at index: Int) -> ConversationFailure? {
        if let failure = connection.read(&ended) { return failure }
        // What TLS has decrypted already epoll does not tell of.
        if connection.hasMore { unread.append(index) }
        return nil
    }

    /// Reads, and sends what is said in answer before the loop waits again.
    private func serve(_ connection: Connection, at index: Int) {
        if let failure = read(connection, at: index) {
            drop(index, failure)
        } else {
            note(connection, at: index)
        }
    }

    /// Reads where something has come, and ends what has taken too long.
    func serveConnections() {
        let more = unread
        unread = []
        for index in more {
            guard let connection = slots[index].connection, connection.isOpen, connection.hasMore else { continue }
            serve(connection, at: index)
        }
        var count: Int32 = 0
        let events = care_loop_events(loop, &count)
        for place in 0..<Int(count) {
            guard let event = events?[place] else { break }
            let index = Int(event.tag)
            guard let connection = slots[index].connection, connection.isOpen else { continue }
            if event.can_write != 0 {
                flush(connection, at: index)
                guard slots[index].connection != nil else { continue }
            }
            if event.can_read != 0 { serve(connection, at: index) }
        }
        expireConnections()
    }

    private func expireConnections() {
        let now = care_monotonic_ms()
        guard now >= nextDeadline else { return }
        nextDeadline = .max
        for (index, slot) in slots.enumerated() {
            guard let connection = slot.connection else { continue }
            if connection.expire(now: now, &ended) {
                connection.close()
                drop(index, .lost)
            } else {
                nextDeadline = min(nextDeadline, connection.deadline)
            }
        }
    }

    /// The connection is over; its slot is free again.
    private func drop(_ index: Int, _ failure: ConversationFailure) {
        guard let connection = slots[index].connection else { return }
        connection.end(failure, &ended)
        let key = ObjectIdentifier(connection.endpoint)
        pools[key]?.removeAll { $0 == index }
        if pools[key]?.isEmpty == true { pools[key] = nil }
        care_loop_remove(loop, connection.transfer)
        release(index)
    }
}

extension ConversationEndpoint {
    /// Makes `transfer` ready to connect.
    func prepare(_ transfer: OpaquePointer, timeout: Int64, tag: Int) -> CURLcode {
        if let greeting { return prepare(transfer, greeting: greeting, timeout: timeout, tag: tag) }
        return shared.withC(timeout: timeout) { target in
            var target = target
            return care_transfer_prepare_connection(transfer, &target, Int64(tag))
        }
    }
}
