import CareCalendar
import CareThreads
import CareValues
import Glibc
import RuleFuzz

// `rule-fuzz COUNT [SEED] FILE…`: COUNT inputs mutated from rule files, on two threads; stops at the first that
// breaks something. An input that takes longer than ten seconds ends the process with its seed.

let arguments = CommandLine.arguments
guard arguments.count > 3, let count = Int(arguments[1]), let seed = UInt64(arguments[2]) else {
    print("usage: rule-fuzz COUNT SEED FILE…")
    exit(64)
}
var corpus: [String] = []
for path in arguments[3...] {
    guard let file = fopen(path, "r") else { continue }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let read = fread(&bytes, 1, bytes.count, file)
    fclose(file)
    corpus.append(String(decoding: bytes[..<read], as: UTF8.self))
}
let zones = SystemZones()
guard let zone = zones.zone(named: "Asia/Shanghai"), !corpus.isEmpty else {
    print("no zone data, or no rule file could be read")
    exit(1)
}

@Sendable func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let texts = corpus
let started = seconds()
let results = Lock<[(RuleFuzz.Tally, slowest: Double, failure: String?)]>([])
@Sendable func work(_ seed: UInt64, _ share: Int) {
    var fuzz = RuleFuzz(corpus: texts, seed: seed, zones: zones, zone: zone)
    var slowest = 0.0
    var failure: String?
    for number in 0..<share {
        // The watchdog: an input that hangs ends the process.
        alarm(10)
        let before = seconds()
        do {
            try fuzz.run()
        } catch let error as RuleFuzz.Failure {
            failure = "seed \(seed), input \(number): \(error.what)\n\(error.text)"
            break
        } catch {
            failure = "seed \(seed), input \(number): \(error)"
            break
        }
        slowest = max(slowest, seconds() - before)
    }
    results.withLock { $0.append((fuzz.tally, slowest, failure)) }
}
let other = Worker { work(seed &+ 1, count / 2) }
work(seed, count - count / 2)
if let other { other.join() } else { work(seed &+ 1, count / 2) }
alarm(0)

var sum = RuleFuzz.Tally()
var slowest = 0.0
var failures: [String] = []
for result in results.withLock({ $0 }) {
    sum.inputs += result.0.inputs
    sum.usable += result.0.usable
    sum.findings += result.0.findings
    sum.decisions += result.0.decisions
    slowest = max(slowest, result.slowest)
    if let failure = result.failure { failures.append(failure) }
}
let took = seconds() - started
print(
    "\(sum.inputs) inputs in \(Int(took)) s: \(sum.usable) usable rule sets, which took \(sum.decisions) decisions; "
        + "\(sum.findings) findings; slowest input \(Int(slowest * 1000)) ms")
for failure in failures { print(failure) }
exit(failures.isEmpty ? 0 : 1)
