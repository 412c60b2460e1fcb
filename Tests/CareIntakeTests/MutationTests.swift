import CareValues
import Testing

@testable import CareIntake

/// Files with bytes changed, dropped and doubled at random places.
@Suite struct MutationTests {
    static let csv =
        "customer,type,time,amount,note\nc1,purchase,2026-03-01T09:00:00Z,9.50,\"said \"\"no\"\"\"\n"
        + "c2,purchase,2026-03-02,1e3,\"two\nlines\"\nc3,refund,2026-03-03 10:00,-1,\r\n\"c4\",p,2026-03-04,0,\"\"\n"
    static let json =
        #"{"customer":"c1","type":"p","time":"2026-03-01","properties":{"a":[1,{"b":null}]}}"# + "\n"
        + #"{"customer":2,"type":"\u0070","time":"2026-03-01T00:00:00+01:00","x":1e400}"# + "\n{}\n[]\n"

    @Test(arguments: [UInt64](1...60)) func `no change of a file crashes the readers or depends on the chunks`(
        seed: UInt64
    ) throws {
        var random = SplitMix64(seed: seed)
        for (text, shape) in [
            (Self.csv, FileShape.delimited(.byte(44), hasHeader: true, columns: nil)),
            (Self.csv, .delimited(.blanks, hasHeader: false, columns: ["customer", "type"])), (Self.json, .jsonLines),
        ] {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    bytes[place] = [0x22, 0x2C, 0x0A, 0x0D, 0x00, 0xFF, 0x7B, 0x5C].randomElement(using: &random) ?? 0
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[place], at: place)
                }
            }
            var mapping = IntakeMapping()
            if case .delimited(.blanks, _, _) = shape { mapping.time = FieldSource(.position(2)) }
            let whole = attempt(bytes, shape, mapping, chunk: .max)
            let size = Int.random(in: 1...40, using: &random)
            #expect(attempt(bytes, shape, mapping, chunk: size) == whole, "chunks of \(size)")
        }
    }

    /// What comes out, or why nothing does.
    private func attempt(_ bytes: [UInt8], _ shape: FileShape, _ mapping: IntakeMapping, chunk: Int) -> [String] {
        do {
            return try outcomes(bytes, kind: .events, shape: shape, mapping: mapping, chunk: chunk).map(described)
        } catch let problem as IntakeProblem {
            return [problem.message]
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `a good line after any bad one is read`() throws {
        for bad in ["\"", "\"a,b", "a\"b", "\"a\"b,c", ",,,,,,", "\"\n\"", "{", "\u{0}", "\"\"\"", "x,\"y\nz,1\n\"q"] {
            let text = "customer,type,time\n\(bad)\nc9,p,2026-03-01\n"
            for size in [Int.max, 1, 3] {
                let lines = try read(text, chunk: size)
                #expect(lines.last?.hasSuffix("c9 p 2026-03-01T00:00:00.000Z {}") == true, "\(bad): \(lines)")
            }
        }
    }
}
