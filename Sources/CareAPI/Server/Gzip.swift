import CZlib
import CareValues
import HTTPTypes
import Hummingbird
import NIOCore

/// Packing and unpacking of bodies: gzip, RFC 1952.
enum Gzip {
    /// Why a body cannot be unpacked.
    enum Failure: Error, Hashable {
        case damaged
        case tooLarge
    }

    /// The bytes, packed.
    static func pack(_ bytes: ByteBufferView) -> [UInt8]? {
        let capacity = care_gzip_bound(bytes.count)
        var length = -1
        let packed = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            length =
                bytes.withContiguousStorageIfAvailable { source in
                    care_gzip(source.baseAddress, source.count, buffer.baseAddress, capacity)
                } ?? -1
            count = max(length, 0)
        }
        return length < 0 ? nil : packed
    }

    /// What was packed, at most `limit` bytes of it: a few bytes can stand for gigabytes.
    static func unpack(_ packed: [UInt8], atMost limit: Int) throws(Failure) -> [UInt8] {
        // Most bodies unpack to some ten times their size.
        var capacity = min(limit, max(packed.count * 12, 4_096))
        while true {
            var length = -1
            let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                length = packed.withUnsafeBufferPointer {
                    care_gunzip($0.baseAddress, $0.count, buffer.baseAddress, capacity)
                }
                count = max(length, 0)
            }
            if length >= 0 { return bytes }
            guard length == -2 else { throw .damaged }
            guard capacity < limit else { throw .tooLarge }
            capacity = min(limit, capacity * 8)
        }
    }
}

/// Packs answers for clients that take them packed, where it saves something.
struct GzipAnswers: RouterMiddleware {
    /// Shorter answers are left as they are.
    static let shortest = 1_024

    func handle(
        _ request: Request, context: CareRequestContext,
        next: (Request, CareRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let length = response.body.contentLength, length >= Self.shortest,
            response.headers[.contentEncoding] == nil, Self.takesGzip(request),
            let type = response.headers[.contentType], Self.isText(type)
        else { return response }
        let collector = BodyCollector()
        try await response.body.write(collector)
        guard let packed = Gzip.pack(collector.buffer.readableBytesView) else {
            response.body = ResponseBody(byteBuffer: collector.buffer)
            return response
        }
        response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: packed))
        response.headers[.contentEncoding] = "gzip"
        response.headers.addVary("Accept-Encoding")
        return response
    }

    private static func takesGzip(_ request: Request) -> Bool {
        guard let value = request.headers[.acceptEncoding] else { return false }
        return value.lowercased().split(separator: ",").contains { part in
            let words = part.split(separator: ";").map { $0.filter { $0 != " " } }
            return words.first == "gzip" && !words.dropFirst().contains { $0 == "q=0" || $0 == "q=0.0" }
        }
    }

    private static func isText(_ type: String) -> Bool {
        type.hasPrefix("text/") || type.hasPrefix("application/json") || type.hasPrefix("application/problem+json")
            || type.hasPrefix("image/svg")
    }

    private final class BodyCollector: ResponseBodyWriter {
        var buffer = ByteBuffer()
        func write(_ buffer: ByteBuffer) async throws { self.buffer.writeImmutableBuffer(buffer) }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
