/// What a campaign says to the gates that stand between it and the customer.
public struct CampaignGates: Sendable, Hashable {
    /// At most one entry lives among the campaigns of a group; nil: none.
    public var group: String?
    /// Who is decided on and recorded, but not acted on; nil: nobody.
    public var holdout: Holdout?
    /// Whether quiet hours do not bind it.
    public var ignoresQuietHours: Bool
    /// Whether its acts count for frequency caps.
    public var countsForCaps: Bool
    /// Whether frequency caps do not bind it.
    public var ignoresCaps: Bool

    /// What a campaign says, or nothing.
    public init(
        group: String? = nil, holdout: Holdout? = nil, ignoresQuietHours: Bool = false, countsForCaps: Bool = true,
        ignoresCaps: Bool = false
    ) {
        self.group = group
        self.holdout = holdout
        self.ignoresQuietHours = ignoresQuietHours
        self.countsForCaps = countsForCaps
        self.ignoresCaps = ignoresCaps
    }
}

/// A stable fraction of the customers that is not acted on.
public struct Holdout: Sendable, Hashable {
    /// The fraction, 0...1.
    public var fraction: Double
    /// Two campaigns of one salt hold out the same customers; nil: the campaign's name.
    public var salt: String?

    /// Holds out `fraction` of the customers.
    public init(fraction: Double, salt: String? = nil) {
        self.fraction = fraction
        self.salt = salt
    }
}
