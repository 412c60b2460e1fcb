import CareLogic
import CareValues

/// Evaluates expressions over data, one after another; a rule that comes again is not compiled again.
struct StreamEvaluation {
    /// The longest line, expression or data, in bytes.
    static let maximumBytes = 1 << 20
    /// How many compiled rules are kept.
    static let keptRules = 1_000

    /// What became of one expression.
    struct Answer {
        var result: JSONValue = .null
        /// The kind of error and its sentence; nil: there is a result.
        var error: (type: String, message: String)?
        /// Where in the text, for people.
        var finding: Diagnostic?
        var tree: ExplanationNode?

        var isError: Bool { error != nil }

        /// `{"result": …}` or `{"error": …}`, the tree beside it where it is asked for.
        func json(withTree: Bool) -> JSONValue {
            if let error {
                return .object(["error": .object(["type": .string(error.type), "message": .string(error.message)])])
            }
            var members: [(name: String, value: JSONValue)] = [("result", result)]
            if withTree, let tree { members.append(("explanation", tree.json)) }
            return .object(JSONObject(uniqueMembers: members))
        }

        static func failed(_ type: String, _ message: String, _ finding: Diagnostic? = nil) -> Answer {
            Answer(error: (type, message), finding: finding)
        }
    }

    private enum Compiled {
        case care(DataExpression)
        case plain(PlainProgram)
    }

    let dialect: Dialect
    let now: Timestamp
    let zone: Zone
    let explains: Bool
    private var known: [String: Compiled] = [:]

    init(dialect: Dialect, now: Timestamp, zone: Zone, explains: Bool) {
        self.dialect = dialect
        self.now = now
        self.zone = zone
        self.explains = explains
    }

    /// One line of a stream: `{"rule": …, "data": …}`.
    mutating func answer(line: LineSplitter.Line) -> Answer {
        guard case .bytes(let bytes) = line else {
            return .failed("limit", "the line is longer than \(Self.maximumBytes) bytes")
        }
        let (document, findings) = JSONDocument.read(file: "", bytes: bytes)
        guard let document, findings.isEmpty else {
            let first = findings.first
            return .failed("bad-json", (first?.message ?? "no JSON") + (first.map { ", column \($0.column)" } ?? ""))
        }
        guard document.root.kind == .object, let rule = document.root["rule"] else {
            return .failed("bad-line", "a line is an object with 'rule', and 'data' where var reads any")
        }
        for (key, _) in document.root.members where key.string != "rule" && key.string != "data" {
            return .failed("bad-line", "unknown key '\(key.string ?? "")': a line has 'rule' and 'data'")
        }
        return answer(rule, data: document.root["data"]?.value ?? .object(JSONObject()))
    }

    /// One expression and its data, both as text.
    mutating func answer(rule: String, data: String) -> Answer {
        var documents: [JSONDocument] = []
        for (name, text) in [("expression", rule), ("data", data)] {
            guard text.utf8.count <= Self.maximumBytes else {
                return .failed("limit", "the \(name) is longer than \(Self.maximumBytes) bytes")
            }
            let (document, findings) = JSONDocument.read(file: name, bytes: Array(text.utf8))
            guard let document, findings.isEmpty else {
                return .failed("bad-json", "the \(name) is no JSON", findings.first)
            }
            documents.append(document)
        }
        return answer(documents[0].root, data: documents[1].root.value)
    }

    private mutating func answer(_ rule: JSONNode, data: JSONValue) -> Answer {
        do {
            let compiled = try compiled(rule)
            switch compiled {
            case .plain(let program):
                return Answer(result: try program.evaluate(data))
            case .care(let expression):
                guard case .object(let object) = data else {
                    return .failed("bad-data", "the data of the care dialect is an object")
                }
                let customer = Self.customer(in: object)
                var answer = Answer(
                    result: try expression.evaluate(object, now: now, zone: zone, customer: customer))
                if explains { answer.tree = expression.explain(object, now: now, zone: zone, customer: customer) }
                return answer
            }
        } catch let error as DataLogicError {
            return .failed(error.kind.rawValue, error.message, error.finding)
        } catch let error as PlainLogicError {
            let type =
                switch error {
                case .unknownOperator: DataLogicError.Kind.unknownOperator.rawValue
                // The names that the community's engines have, and that a handler of `try` reads.
                case .invalidArguments: "Invalid Arguments"
                case .notANumber: "NaN"
                case .tooDeep: DataLogicError.Kind.limit.rawValue
                // A rule's own error is of the type that it names.
                case .thrown: error.thrownType ?? "thrown"
                }
            return .failed(type, error.message)
        } catch {
            return .failed("bad-rule", "\(error)")
        }
    }

    private mutating func compiled(_ rule: JSONNode) throws -> Compiled {
        let text = rule.text
        if let compiled = known[text] { return compiled }
        let compiled: Compiled =
            switch dialect {
            case .care: .care(try DataExpression(rule))
            case .jsonlogic: .plain(try PlainProgram(rule.value))
            }
        if known.count >= Self.keptRules { known.removeAll(keepingCapacity: true) }
        known[text] = compiled
        return compiled
    }

    /// The id that `bucket` draws by: `customer.id` of the data.
    private static func customer(in data: JSONObject) -> String {
        guard case .object(let customer)? = data["customer"], case .string(let id)? = customer["id"] else { return "" }
        return id
    }
}
