import Glibc

/// Runs `body` with this thread scheduled so that its waking interrupts nobody: it waits for its turn.
///
/// For a thread that is woken by each of many small things and does them as well in a bunch: on few cores it would
/// otherwise take the core from whoever makes the next of them, at every single one. What cannot be set is left as it
/// is. Source: sched(7), SCHED_BATCH.
public func unhurried<Result>(_ body: () throws -> Result) rethrows -> Result {
    // Linux's number for it; the C header shows it only to GNU sources.
    let batch: Int32 = 3
    // 0: the thread that asks, not its process.
    let before = sched_getscheduler(0)
    var parameters = sched_param(sched_priority: 0)
    guard before == SCHED_OTHER, sched_setscheduler(0, batch, &parameters) == 0 else { return try body() }
    defer { sched_setscheduler(0, before, &parameters) }
    return try body()
}
