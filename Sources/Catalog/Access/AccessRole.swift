/// The extent of what a key permits.
package enum AccessRole: String, Codable, Sendable, CaseIterable {
    /// Catalogs are searched, and their documents read.
    case search
    /// Documents are changed and events sent as well.
    case write
    /// Tunings are changed and reports read as well.
    case tune
    /// Everything.
    case admin

    /// Returns true if a key with this role may do what a request with another one needs.
    package func permits(_ needed: AccessRole) -> Bool { self == .admin || self == needed || needed == .search }
}
