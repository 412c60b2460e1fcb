import CareStore

/// What lies about a customer in files beside the store.
public enum CustomerFiles {
    /// The rows that imports refused and that name the customer, each with the line that says why, from the files that
    /// are still there. - Throws: ``FileReadError``; ``StoreError``.
    public static func rejectedRows(of customer: String, in store: any StoreSnapshot) throws -> [String] {
        try store.notes(prefix: RejectsFile.notePrefix).flatMap { name, _ in
            try RejectsFile.rows(of: customer, in: String(name.dropFirst(RejectsFile.notePrefix.count)))
        }
    }
}
