/// How good a hit is by the fields it is ordered by: greater is better. Comparable within one segment.
struct SortRank: Comparable, BitwiseCopyable {
    /// By field: whether there is a value, and whether those that have none are better or worse.
    private var classes: SIMD4<UInt8> = .zero
    private var keys: SIMD4<UInt64> = .zero

    private static let present: UInt8 = 1

    /// Sets the value of a field by its sort key; nil for a document that has none.
    @inline(__always)
    mutating func set(_ field: Int, _ key: UInt64?, ascending: Bool, missingFirst: Bool) {
        if let key {
            classes[field] = Self.present
            keys[field] = ascending ? ~key : key
        } else {
            classes[field] = missingFirst ? 2 : 0
            keys[field] = 0
        }
    }

    /// The sort key of a field; nil when there was none.
    func key(_ field: Int, ascending: Bool) -> UInt64? {
        classes[field] != Self.present ? nil : ascending ? ~keys[field] : keys[field]
    }

    /// Whether it is worse by the first field alone.
    @inline(__always)
    func isBehindFirst(_ other: SortRank) -> Bool {
        classes[0] != other.classes[0] ? classes[0] < other.classes[0] : keys[0] < other.keys[0]
    }

    @inline(__always)
    static func < (a: SortRank, b: SortRank) -> Bool {
        for i in 0..<SortField.most {
            if a.classes[i] != b.classes[i] { return a.classes[i] < b.classes[i] }
            if a.keys[i] != b.keys[i] { return a.keys[i] < b.keys[i] }
        }
        return false
    }
}
