import CareValues

/// What is known beforehand of the `data` that an action sends.
public indirect enum DataShape: Sendable, Hashable {
    /// Something that only a run knows.
    case unknown
    /// A text, a number, true, false or null.
    case single
    /// A list of such elements.
    case list(DataShape)
    /// An object with exactly these members.
    case object([String: DataShape])

    /// The shape of a value.
    public init(_ value: JSONValue) {
        switch value {
        case .null, .bool, .number, .string: self = .single
        case .array(let elements):
            let shapes = Set(elements.map { DataShape($0) })
            self = .list(shapes.count == 1 ? shapes.first ?? .unknown : .unknown)
        case .object(let members):
            self = .object(
                Dictionary(members.members.map { ($0.name, DataShape($0.value)) }, uniquingKeysWith: { $1 }))
        }
    }
}

/// An action of the rules that may send through a template.
public struct TemplateUse: Sendable, Hashable {
    /// The destination it names.
    public var destination: String
    /// For people: `campaign 'birthday', action 'greet'`.
    public var action: String
    /// The message type.
    public var type: String
    /// What it sends.
    public var data: DataShape

    /// An action with all its parts.
    public init(destination: String, action: String, type: String, data: DataShape) {
        self.destination = destination
        self.action = action
        self.type = type
        self.data = data
    }
}
