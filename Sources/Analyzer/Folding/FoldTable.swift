import CICU

/// What folding makes of the characters of the basic plane that do not depend on the one before them: nearly all.
///
/// Shape: as `quire_fold_table` writes it, 256 KB, made once.
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

    /// The folded bytes of a character, first lowest, their number in the highest byte, 128 more for several
    /// characters; 0 when its neighbours decide.
    @inline(__always)
    subscript(scalar: UInt32) -> UInt32 { scalar < 0x10000 ? entries[Int(scalar)] : 0 }
}
