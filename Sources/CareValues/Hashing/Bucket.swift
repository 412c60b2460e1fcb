/// A stable share in `[0, 1)` for a text: who is held out, who gets which variant, how long a start is spread.
public enum Bucket {
    /// The share of `parts`: XXH64 (seed 0) of their canonical JSON array, its top 53 bits over 2⁵³.
    ///
    /// - Parameter parts: the salt, the customer, and what else tells one draw from another.
    public static func share(of parts: [String]) -> Double {
        share(ofCanonicalArray: CanonicalJSON.array(of: parts))
    }

    /// The share of an array that is canonical JSON already.
    public static func share(ofCanonicalArray text: String) -> Double {
        Double(XXH64.hash(utf8: text, seed: 0) >> 11) / 9_007_199_254_740_992
    }
}
