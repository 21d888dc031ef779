/// A moment: milliseconds since 1970 in UTC, as the database keeps it.
package typealias Milliseconds = Int64

extension Duration {
    /// The duration in whole milliseconds.
    var milliseconds: Milliseconds { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
