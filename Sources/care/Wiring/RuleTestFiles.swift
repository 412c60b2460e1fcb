import CareConsole
import CareEngine

/// The files of tests beside the rules.
enum RuleTestFiles {
    /// How their names end.
    static let suffix = ".tests.json"
    /// The most bytes that one is read of.
    static let largest = 1 << 24

    /// All of a workspace, by name, each as far as the system gives it; beside rules that are one file there are none.
    static func texts(of workspace: Workspace) -> [RuleTestText] {
        let console = workspace.console
        let folder = console.resolved(workspace.environment.rulesPath)
        guard Files.isFolder(folder) else { return [] }
        var texts: [RuleTestText] = []
        do {
            for path in try Files.list(folder, suffix: suffix) {
                texts.append(text(path, shownAs: console.shown(path)))
            }
        } catch {
            texts.append(.refused(file: console.shown(folder), reason: reason(error)))
        }
        return texts
    }

    private static func text(_ path: String, shownAs name: String) -> RuleTestText {
        do {
            return .read(file: name, bytes: try Files.read(path, atMost: largest))
        } catch {
            return .refused(file: name, reason: reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        (error as? FileReadError)?.reason ?? String(describing: error)
    }
}
