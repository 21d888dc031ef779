import FoundationEssentials

/// The clock that the dates of rules are compared with.
package enum RuleClock {
    /// Returns the present time in milliseconds since 1970.
    @Sendable package static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
