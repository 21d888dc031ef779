/// How good a hit is by the fields it is ordered by: greater is better. Comparable within one segment.
struct SortRank: Comparable, BitwiseCopyable {
    /// By field: whether there is a value, and whether those that have none are better or worse.
    private var classes: SIMD4<UInt8> = .zero
    private var keys: SIMD4<UInt64> = .zero

    fileprivate static let present: UInt8 = 1

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

    /// How good a hit is by the first field alone.
    struct First: Comparable, BitwiseCopyable {
        private var kind: UInt8 = 0
        private var key: UInt64 = 0

        /// As bad as it gets.
        init() {}

        /// Of a document by its sort key; nil when it has none.
        @inline(__always)
        init(_ key: UInt64?, ascending: Bool, missingFirst: Bool) {
            if let key {
                kind = SortRank.present
                self.key = ascending ? ~key : key
            } else {
                kind = missingFirst ? 2 : 0
            }
        }

        /// Of the best of some documents whose keys lie in a range; nil when none of them has one.
        init(best keys: ClosedRange<UInt64>?, ascending: Bool, missingFirst: Bool) {
            self.init(
                keys.map { ascending ? $0.lowerBound : $0.upperBound }, ascending: ascending, missingFirst: missingFirst
            )
        }

        fileprivate init(kind: UInt8, key: UInt64) {
            self.kind = kind
            self.key = key
        }

        @inline(__always)
        static func < (a: First, b: First) -> Bool { a.kind != b.kind ? a.kind < b.kind : a.key < b.key }
    }

    /// How good it is by the first field alone.
    @inline(__always)
    var first: First { First(kind: classes[0], key: keys[0]) }

    @inline(__always)
    static func < (a: SortRank, b: SortRank) -> Bool {
        for i in 0..<SortField.most {
            if a.classes[i] != b.classes[i] { return a.classes[i] < b.classes[i] }
            if a.keys[i] != b.keys[i] { return a.keys[i] < b.keys[i] }
        }
        return false
    }
}
