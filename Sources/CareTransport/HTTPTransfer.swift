import CCurl

extension HTTPRequest {
    /// Makes `transfer` ready to run; false: a header holds a control character, or libcurl refuses an option.
    ///
    /// - Parameter timeout: how much of the time is left, in milliseconds.
    /// - Parameter connectTimeout: how much of the time to connect is, if less than usual.
    func prepare(_ transfer: OpaquePointer, timeout: Int64, connectTimeout: Int64?, tag: Int) -> CURLcode {
        for (name, value) in headers
        where care_transfer_add_header(transfer, name, name.utf8.count, value, value.utf8.count) != 0 {
            return CURLE_BAD_FUNCTION_ARGUMENT
        }
        let texts = [
            method, basic.map { "\($0.user):\($0.password)" },
            amazonSignature.map { "aws:amz:\($0.region):\($0.service)" },
        ]
        return shared.withC(timeout: timeout, connectTimeout: connectTimeout) { target in
            withCStrings(texts) { texts in
                body.withUnsafeBufferPointer { body in
                    var settings = care_request()
                    settings.target = target
                    settings.method = texts[0]
                    settings.user_password = texts[1]
                    settings.aws_sigv4 = texts[2]
                    settings.body = body.baseAddress
                    settings.body_length = body.count
                    settings.keep_limit = keptAnswerBytes
                    settings.read_limit = max(maximumAnswerBytes, keptAnswerBytes)
                    settings.prefer_http2 = prefersHTTP2 ? 1 : 0
                    settings.fresh_connect = isSentOnce ? 1 : 0
                    return care_transfer_prepare_http(transfer, &settings, Int64(tag))
                }
            }
        }
    }
}

extension TransferResult {
    /// What an HTTP exchange came to.
    init(http done: care_done) {
        guard done.head_complete != 0 else {
            self = .failure(TransportError(done))
            return
        }
        let retryAfter = String(cString: done.retry_after)
        self = .response(
            HTTPResponse(
                status: Int(done.status), retryAfter: retryAfter.isEmpty ? nil : retryAfter,
                body: Array(UnsafeBufferPointer(start: done.body, count: done.body_length)),
                bodyIsComplete: done.body_complete != 0))
    }
}
