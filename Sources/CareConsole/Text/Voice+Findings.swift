import CareValues

/// Findings of rule files and their tests, in the reader's language.
extension Voice {
    /// What a finding says, and the core's own sentence where that says more; nil: it says the same.
    func finding(_ diagnostic: Diagnostic) -> (title: String, original: String?) {
        let message = diagnostic.message
        let said = core(message, Say.findingMessages)
        guard language != .english, said == message else { return (said, nil) }
        guard let kind = Say.ruleFindings[diagnostic.code] ?? Say.testFindings[diagnostic.code] else {
            return (message, nil)
        }
        return (self(kind), message)
    }

    /// What to do about a finding.
    func findingHelp(_ text: String) -> String { core(text, Say.findingHelps) }

    /// How bad a finding is.
    func severity(_ severity: Diagnostic.Severity) -> String {
        switch severity {
        case .error: self(Say.error)
        case .warning: self(Say.warning)
        case .note: self(Say.note)
        }
    }
}
