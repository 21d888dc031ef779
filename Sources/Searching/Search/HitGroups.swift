import Segments

/// The groups of a collapsed search: the best hit of each value of a keyword field.
///
/// Within a segment groups are identified by the value's ordinal, across segments by the value's bytes. Call `begin`,
/// `collect` for each match and `end` for every segment. Memory: O(matching groups), of which at most `maxGroups` are
/// kept; documents of further groups are dropped and the search becomes partial.
final class HitGroups {
    /// A hit and the values it is ordered by.
    struct Hit {
        /// The values, one per sort criterion.
        var values: [SortValue]
        /// The document id in the reader.
        var document: Int
        /// The number of matching documents in its group; nil for a document without a value, which is a group by
        /// itself.
        var size: Int?
    }

    /// The best hit of a group within the current segment.
    private struct SegmentGroup {
        var key: HitSortKey
        /// The document id within the segment.
        var document: Int
        var size: Int
    }

    /// The maximum number of groups that are kept.
    static let maxGroups = 160_000

    private let field: Int
    private let budget: SearchBudget
    private var column: OrdinalColumn?
    /// The groups of the current segment, by ordinal.
    private var segmentGroups: [Int: SegmentGroup] = [:]
    /// The groups of all finished segments, by value.
    private var groups: [[UInt8]: Hit] = [:]
    /// The number of matching documents without a value.
    private var ungrouped = 0

    /// Groups by the keyword field of the given index.
    init(field: Int, _ budget: SearchBudget) {
        self.field = field
        self.budget = budget
    }

    /// Starts a segment. Errors: `corrupt`.
    func begin(_ segment: SegmentReader) throws(IndexError) {
        column = try segment.ordinals(field)
        segmentGroups.removeAll(keepingCapacity: true)
    }

    /// Adds a matching document with its sort key; returns false if it has no value and is therefore no member of a
    /// group.
    ///
    /// Documents come in ascending order, so of equal ones the first stays. Complexity: O(1).
    func collect(_ document: Int, _ key: HitSortKey) -> Bool {
        guard let ordinal = column?.firstOrdinal(document) else {
            ungrouped += 1
            return false
        }
        guard var group = segmentGroups[ordinal] else {
            if segmentGroups.count >= Self.maxGroups {
                budget.recordOverflow()
                return true
            }
            segmentGroups[ordinal] = SegmentGroup(key: key, document: document, size: 1)
            return true
        }
        group.size += 1
        if group.key < key { (group.key, group.document) = (key, document) }
        segmentGroups[ordinal] = group
        return true
    }

    /// Ends a segment and merges its groups into those of the earlier ones.
    ///
    /// `hit` makes a hit from a sort key and a document of the segment, `precedes` returns true if its first argument
    /// is the better hit. Stops at the deadline. Errors: `corrupt`, and those of `hit`. Complexity: O(groups · log
    /// groups).
    func end(
        _ segment: SegmentReader, hit: (HitSortKey, Int) throws(IndexError) -> Hit, precedes: (Hit, Hit) -> Bool
    ) throws(IndexError) {
        for (i, (ordinal, group)) in segmentGroups.sorted(by: { $0.key < $1.key }).enumerated() {
            if i & 255 == 255, budget.isLate() { return }
            let value = try segment.term(field, ordinal)
            if groups.count >= Self.maxGroups, groups[value] == nil {
                budget.recordOverflow()
                continue
            }
            var best = try hit(group.key, group.document)
            var size = group.size
            if let earlier = groups[value] {
                size += earlier.size ?? 0
                if precedes(earlier, best) { best = earlier }
            }
            best.size = size
            groups[value] = best
        }
    }

    /// The best hits of all groups, in arbitrary order.
    var hits: [Hit] { Array(groups.values) }

    /// The number of groups, each document without a value counted as one.
    var count: Int { groups.count + ungrouped }
}
