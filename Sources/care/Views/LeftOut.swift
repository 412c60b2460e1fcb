/// What a report says of customers whom it leaves out, as something stored of each cannot be read.
///
/// One such customer must not keep a plan from everybody else; that it is missing is said wherever the report is read. The
/// exit code is that of the report without it.
enum LeftOut {
    /// `1 customer could not be read and is left out. See: care doctor`; nil: nobody is left out.
    static func line(_ count: Int) -> String? {
        guard count > 0 else { return nil }
        let verb = count == 1 ? "is" : "are"
        return "\(counted(count, "customer")) could not be read and \(verb) left out. See: care doctor"
    }

    /// The same as a warning on standard error, for who reads only what the report is made into.
    static func warn(_ count: Int, _ console: Console) {
        guard let line = line(count) else { return }
        console.errorLine(Style(console).warning("warning: ") + line)
    }
}
