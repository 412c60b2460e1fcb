import CareIntake
import Glibc

/// A file read front to back in chunks, and here and there again for refused rows.
struct ImportFile: ~Copyable {
    private let descriptor: Int32
    let path: String
    /// Its size when it was opened.
    let bytes: Int
    private(set) var position = 0
    private var buffer: [UInt8]

    /// Opens the file. Refused rows are read once more, which a pipe cannot give: it is refused, without waiting for
    /// somebody to write into it. - Throws: ``FileReadError``.
    init(path: String, chunkBytes: Int = 1 << 20) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Files.systemError(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw FileReadError(
                path: path, reason: isFolder ? "it is a folder" : "it is no plain file; write its content to one first")
        }
        self.path = path
        bytes = Int(status.st_size)
        buffer = [UInt8](repeating: 0, count: chunkBytes)
    }

    deinit { close(descriptor) }

    /// Hands the next bytes to `body`, none and `isLast` at the end; returns whether it was the end.
    mutating func next(_ body: (UnsafeRawBufferPointer, _ isLast: Bool) throws -> Void) throws -> Bool {
        var count = 0
        repeat {
            count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw Files.systemError(path) }
        position += count
        try buffer.withUnsafeBytes { bytes in
            try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]), count == 0)
        }
        return count == 0
    }

    /// The first bytes, at most `count`, without moving on.
    func beginning(_ count: Int) -> [UInt8] {
        bytes(of: RowExtent(line: 1, offset: 0, length: count))
    }

    /// The bytes of a row.
    func bytes(of extent: RowExtent) -> [UInt8] {
        var row = [UInt8](repeating: 0, count: extent.length)
        var filled = 0
        while filled < row.count {
            let count = row.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled, off_t(extent.offset + filled))
            }
            if count <= 0 { break }
            filled += count
        }
        return Array(row[..<filled])
    }
}
