import Glibc

/// A socket that listens on loopback, at a port that the system chooses.
enum LoopbackListener {
    /// The socket, and its port.
    ///
    /// - Precondition: there is a port and a descriptor left.
    static func open() -> (socket: Int32, port: Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let size = length
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, size) == 0 && listen(listener, 128) == 0 && getsockname(listener, raw, &length) == 0
            }
        }
        precondition(isBound, "no port on loopback")
        return (listener, Int(UInt16(bigEndian: address.sin_port)))
    }
}
