import CareLogic

extension TextTree.Branch {
    /// A condition's tree under the name `name`.
    init(_ name: String, _ node: ExplanationNode) {
        self.init(name, node.text, node.value.text ?? "missing")
        children = node.children.map { TextTree.Branch("", $0) }
    }
}
