import CICU

/// The folded forms of the characters of the basic plane that do not depend on the preceding character: nearly all.
///
/// It makes calls of ICU rare. Shape: as `quire_fold_table` writes it, 256 KB, built once. Immutable, so that all
/// threads may share it.
final class FoldTable: Sendable {
    static let shared = FoldTable()

    private nonisolated(unsafe) let entries: UnsafeMutablePointer<UInt32>

    private init() {
        entries = .allocate(capacity: 0x10000)
        entries.initialize(repeating: 0, count: 0x10000)
        let result = quire_fold_table(entries)
        precondition(result == 0, "ICU's case-folding data is missing; reinstall the ICU library")
    }

    deinit { entries.deallocate() }

    /// The entry of a character: its folded bytes, the first one lowest, and in the highest byte their number, plus 128
    /// when they are several characters. 0 when the folded form depends on the neighbors, and beyond the basic plane.
    @inline(__always)
    subscript(scalar: UInt32) -> UInt32 { scalar < 0x10000 ? entries[Int(scalar)] : 0 }
}
