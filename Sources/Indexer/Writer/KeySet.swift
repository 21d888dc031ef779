import Kernels

/// The hashes of all keys a writer has seen: says "new" for certain, "known" only probably (then the dictionaries decide).
///
/// Open addressing at most half full: 16 bytes a key at worst.
struct KeySet: ~Copyable {
    private var slots: GrowableBuffer<UInt64>
    private var mask = (1 << 10) - 1
    private var count = 0

    init() {
        slots = GrowableBuffer(capacity: 1 << 10)
        slots.append(repeating: 0, count: 1 << 10)
    }

    /// Bytes of memory in use.
    var byteCount: Int { slots.byteCount }

    /// Whether a key with this hash may have been inserted. Complexity: O(1).
    func mayContain(_ hash: UInt64) -> Bool {
        let wanted = hash | 1
        var at = Int(truncatingIfNeeded: hash &>> 1) & mask
        while slots[at] != 0 {
            if slots[at] == wanted { return true }
            at = (at + 1) & mask
        }
        return false
    }

    /// Remembers a key's hash.
    mutating func insert(_ hash: UInt64) {
        if count * 2 > mask { grow() }
        place(hash | 1)
        count += 1
    }

    private mutating func place(_ value: UInt64) {
        var at = Int(truncatingIfNeeded: value &>> 1) & mask
        while slots[at] != 0, slots[at] != value { at = (at + 1) & mask }
        slots[at] = value
    }

    private mutating func grow() {
        var old = GrowableBuffer<UInt64>(capacity: 1)
        swap(&old, &slots)
        mask = mask * 2 + 1
        slots.append(repeating: 0, count: mask + 1)
        for i in 0..<old.count where old[i] != 0 { place(old[i]) }
    }
}
