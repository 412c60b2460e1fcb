import CareValues
import Glibc

/// Files that tests read, beside this directory.
enum Fixtures {
    static let directory =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        .joined(separator: "/") + "/Fixtures"

    /// The JSON value in a file of `Fixtures`.
    static func json(_ path: String) throws -> JSONValue {
        guard let file = fopen(directory + "/" + path, "r") else { throw Missing(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return try JSONDocument(file: path, bytes: bytes, limits: .data).root.value
    }

    struct Missing: Error {
        var path: String
    }
}

/// A JSON value written in a test.
func json(_ text: String) -> JSONValue {
    guard let value = JSONValue(jsonText: text) else { preconditionFailure("no JSON: \(text)") }
    return value
}
