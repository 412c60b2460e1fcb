import CareCalendar
import CareValues
import Foundation
import Testing

/// The files below `Fixtures`, found beside this source.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
    static let zoneinfo = folder.appendingPathComponent("zoneinfo-2026f").path

    static let zoneNames = [
        "Africa/Cairo", "Africa/Casablanca", "America/Edmonton", "America/Havana", "America/Los_Angeles",
        "America/New_York", "America/Nuuk", "America/Sao_Paulo", "America/St_Johns", "America/Vancouver",
        "America/Winnipeg", "Antarctica/Troll", "Asia/Beirut", "Asia/Gaza", "Asia/Kolkata", "Asia/Shanghai",
        "Asia/Tehran", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Chisinau", "Europe/Dublin",
        "Europe/London", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "UTC",
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    static func zone(_ name: String) throws -> Zone {
        try TZif.zone(name: name, bytes: bytes("zoneinfo-2026f/" + name))
    }
}
