/// The sort key of a hit by up to four criteria: greater is better.
///
/// Keywords are represented by ordinals, so keys are comparable only within one segment. The default key is the worst.
struct HitSortKey: Comparable, BitwiseCopyable {
    /// Per criterion: 1 for a value, 0 for a missing value that comes last, 2 for one that comes first.
    private var tiers: SIMD4<UInt8> = .zero
    /// Per criterion: the sort key, inverted if ascending; 0 for a missing value.
    private var keys: SIMD4<UInt64> = .zero

    /// The tier of a value that is present.
    fileprivate static let present: UInt8 = 1

    /// Sets the sort key for a criterion; nil for a document without a value.
    @inline(__always)
    mutating func set(_ criterion: Int, _ key: UInt64?, ascending: Bool, missingFirst: Bool) {
        if let key {
            tiers[criterion] = Self.present
            keys[criterion] = ascending ? ~key : key
        } else {
            tiers[criterion] = missingFirst ? 2 : 0
            keys[criterion] = 0
        }
    }

    /// The sort key that was set for a criterion; nil for a missing value.
    func key(_ criterion: Int, ascending: Bool) -> UInt64? {
        tiers[criterion] != Self.present ? nil : ascending ? ~keys[criterion] : keys[criterion]
    }

    /// The part of a sort key that belongs to the first criterion; it suffices to reject most hits.
    struct First: Comparable, BitwiseCopyable {
        private var tier: UInt8 = 0
        private var key: UInt64 = 0

        /// The worst key.
        init() {}

        /// The key of a document by the sort key of its value; nil for a missing value.
        @inline(__always)
        init(_ key: UInt64?, ascending: Bool, missingFirst: Bool) {
            if let key {
                tier = HitSortKey.present
                self.key = ascending ? ~key : key
            } else {
                tier = missingFirst ? 2 : 0
            }
        }

        /// The best key that a document with a value in `keys` can have; nil for documents without values.
        init(best keys: ClosedRange<UInt64>?, ascending: Bool, missingFirst: Bool) {
            self.init(
                keys.map { ascending ? $0.lowerBound : $0.upperBound }, ascending: ascending, missingFirst: missingFirst
            )
        }

        fileprivate init(tier: UInt8, key: UInt64) {
            self.tier = tier
            self.key = key
        }

        @inline(__always)
        static func < (a: First, b: First) -> Bool { a.tier != b.tier ? a.tier < b.tier : a.key < b.key }
    }

    /// The part that belongs to the first criterion.
    @inline(__always)
    var first: First { First(tier: tiers[0], key: keys[0]) }

    @inline(__always)
    static func < (a: HitSortKey, b: HitSortKey) -> Bool {
        for i in 0..<SortField.maxFields {
            if a.tiers[i] != b.tiers[i] { return a.tiers[i] < b.tiers[i] }
            if a.keys[i] != b.keys[i] { return a.keys[i] < b.keys[i] }
        }
        return false
    }
}
