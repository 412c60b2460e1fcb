import CareValues

/// A file that pages load: named by its content, so that it may be kept for ever.
struct Asset: Sendable {
    /// With the first digits of the content's SHA-256: `console-0a1b2c3d4e5f.css`.
    let name: String
    /// For `Content-Type`.
    let type: String
    let bytes: [UInt8]

    init(stem: String, ending: String, type: String, bytes: [UInt8]) {
        name = "\(stem)-\(Hex.encode(SHA256.hash(bytes)).prefix(12)).\(ending)"
        self.type = type
        self.bytes = bytes
    }
}

/// The files of the console, part of the program.
enum Assets {
    static let style = Asset(
        stem: "console", ending: "css", type: "text/css; charset=utf-8", bytes: PackageResources.console_css)
    static let script = Asset(
        stem: "console", ending: "js", type: "text/javascript; charset=utf-8", bytes: PackageResources.console_js)
    static let mark = Asset(stem: "mark", ending: "svg", type: "image/svg+xml", bytes: PackageResources.mark_svg)

    static let all = [style, script, mark]
}
