import CareCalendar
import CareStoreSQLite
import CareTransport

/// Versions of the program and of what it uses.
enum Version {
    /// Of care itself.
    static let number = "1.0.0"
}

/// The zones of this machine, read when first asked for.
enum Zones {
    static let system = SystemZones()
}
