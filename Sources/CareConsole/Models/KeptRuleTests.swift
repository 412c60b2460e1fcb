import CareEngine
import CareLogic
import CarePlanning
import CareRules
import CareThreads
import CareValues

/// A file of rule tests beside the rules.
public enum RuleTestText: Sendable {
    /// What it holds; its name is as people read it.
    case read(file: String, bytes: [UInt8])
    /// Why the system does not give it, in the system's words.
    case refused(file: String, reason: String)
}

/// How the tests beside the rules stand.
typealias RuleTestState = Board<String, RuleTestResults>.State

/// Runs the tests beside the rules, and keeps what they came to for as long as neither they nor the rules are others.
final class KeptRuleTests: Sendable {
    private let kept = Lock<(fingerprint: String, results: RuleTestResults)?>(nil)

    /// What the tests come to under the rules in force. Blocks.
    func results(_ source: ConsoleSource) -> RuleTestResults {
        let candidate = source.rules()
        let texts = source.tests()
        let fingerprint = Self.fingerprint(candidate, texts)
        if let kept = kept.withLock({ $0 }), kept.fingerprint == fingerprint { return kept.results }
        // As `care test` reads them: scores come from the tests' own cut points, not from the store's.
        var rules = candidate.rules
        rules.schema = rules.schema.scoring(by: nil)
        let world = RuleTestRun.World(zones: source.zones, holidays: candidate.holidays)
        var results = RuleTestResults()
        for text in texts {
            switch text {
            case .read(let file, let bytes):
                results.run(file: file, bytes: bytes, rules: rules, zone: candidate.zone, in: world)
            case .refused(let file, let reason): results.refuse(file: file, reason: reason)
            }
        }
        let finished = results
        kept.withLock { $0 = (fingerprint, finished) }
        return finished
    }

    private static func fingerprint(_ candidate: CandidateRules, _ texts: [RuleTestText]) -> String {
        var digest = SHA256Stream()
        digest.update(candidate.fingerprint.utf8)
        for text in texts {
            switch text {
            case .read(let file, let bytes):
                digest.update("\nread \(file)\n\(bytes.count)\n".utf8)
                digest.update(bytes)
            case .refused(let file, let reason): digest.update("\nrefused \(file)\n\(reason)\n".utf8)
            }
        }
        return digest.hexDigest()
    }
}
