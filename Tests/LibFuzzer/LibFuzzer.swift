import CareValues
import RuleFuzz

// What libFuzzer calls, built by Scripts/fuzz.sh and by nothing else: it chooses inputs by the code that they reach.

/// Two zones that need no data of the system's.
private struct TwoZones: ZoneDirectory {
    static let east = ZoneRule(posix: "CST-8").map {
        Zone(name: "Asia/Shanghai", transitions: [], offsets: [0], rule: $0)
    }
    static let west = ZoneRule(posix: "EST5EDT,M3.2.0,M11.1.0").map {
        Zone(name: "America/New_York", transitions: [], offsets: [0], rule: $0)
    }

    func zone(named name: String) -> Zone? {
        switch name {
        case "Asia/Shanghai": Self.east
        case "America/New_York": Self.west
        default: nil
        }
    }
    var version: String { "two" }
}

// libFuzzer calls from one thread.
nonisolated(unsafe) private var fuzz = RuleFuzz(
    corpus: [], seed: 0, zones: TwoZones(), zone: TwoZones.east ?? .utc)

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int) -> Int

/// One input. What breaks a promise ends the process, by which libFuzzer knows it.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    fuzz.reseed(XXH64.hash(bytes))
    do {
        try fuzz.use(bytes)
    } catch let failure as RuleFuzz.Failure {
        fatalError("\(failure.what)\n\(failure.text)")
    } catch {
        fatalError("\(error)")
    }
    return 0
}

/// Another input from one: most often by its parts as JSON, else by its bytes.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: UInt32) -> Int {
    guard seed % 8 != 0 else { return mutateBytes(data, size, maximum) }
    fuzz.reseed(UInt64(seed))
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    guard let changed = fuzz.mutated(bytes), changed.count <= maximum else { return mutateBytes(data, size, maximum) }
    data.update(from: changed, count: changed.count)
    return changed.count
}

/// A part of one input in the place of one of another's.
@_cdecl("LLVMFuzzerCustomCrossOver")
public func cross(
    _ one: UnsafePointer<UInt8>, _ oneSize: Int, _ two: UnsafePointer<UInt8>, _ twoSize: Int,
    _ target: UnsafeMutablePointer<UInt8>, _ maximum: Int, _ seed: UInt32
) -> Int {
    fuzz.reseed(UInt64(seed))
    let bytes = Array(UnsafeBufferPointer(start: one, count: oneSize))
    let donor = Array(UnsafeBufferPointer(start: two, count: twoSize))
    guard let crossed = fuzz.mutated(bytes, donor: donor), crossed.count <= maximum else { return 0 }
    target.update(from: crossed, count: crossed.count)
    return crossed.count
}
