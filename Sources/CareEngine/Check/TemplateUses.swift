import CareDispatch
import CareRules
import CareValues

/// What the rules send through the templates of destinations.
public enum TemplateUses {
    /// Every action of every campaign.
    public static func of(_ rules: RuleSet) -> [TemplateUse] {
        rules.campaigns.flatMap { campaign in
            campaign.steps.flatMap { step in
                step.actions.map { action in
                    TemplateUse(
                        destination: action.destination,
                        action: "action '\(action.name)' in step '\(step.name)' of campaign '\(campaign.name)'",
                        type: action.type, data: shape(of: action.data))
                }
            }
        }
    }

    private static func shape(of template: DataTemplate) -> DataShape {
        switch template {
        case .literal(let value): return DataShape(value)
        case .text: return .single
        case .value: return .unknown
        case .array(let elements):
            let shapes = Set(elements.map(shape))
            return .list(shapes.count == 1 ? shapes.first ?? .unknown : .unknown)
        case .object(let members):
            return .object(Dictionary(members.map { ($0.name, shape(of: $0.value)) }, uniquingKeysWith: { $1 }))
        }
    }
}
