import Glibc

/// Waiting that ends early when somebody asks.
enum Pause {
    /// Sleeps so long, or until `isOver` says so, asked every 50 ms.
    static func sleep(milliseconds: Int64, until isOver: () -> Bool) {
        var left = milliseconds
        while left > 0, !isOver() {
            let piece = min(left, 50)
            usleep(UInt32(piece) * 1000)
            left -= piece
        }
    }
}
