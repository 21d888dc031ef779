/// The best hit of each group of documents with one value in a keyword field.
///
/// Within a segment groups are told apart by rank, behind it by value. Memory: O(groups that match), of which there are
/// at most `most`: documents of further groups are left out, and the search is partial.
final class HitGroups {
    /// A hit with what it is ordered by.
    struct Hit {
        var values: [SortValue]
        var document: Int
        /// Matching documents of its group; nil for a document without a value, which is a group of its own.
        var size: Int?
    }

    private struct Own {
        var rank: SortRank
        var document: Int
        var size: Int
    }

    /// Most groups.
    static let most = 160_000

    private let field: Int
    private let budget: SearchBudget
    private var column: OrdinalColumn?
    private var own: [Int: Own] = [:]
    private var groups: [[UInt8]: Hit] = [:]
    /// Matching documents without a value.
    private var singles = 0

    init(field: Int, _ budget: SearchBudget) {
        self.field = field
        self.budget = budget
    }

    /// Begins a segment.
    func begin(_ segment: SegmentReader) throws(IndexError) {
        column = try segment.ordinals(field)
        own.removeAll(keepingCapacity: true)
    }

    /// Takes a document; false when it has no value. Documents come in their order, so of equal ones the first stays.
    func take(_ document: Int, _ rank: SortRank) -> Bool {
        guard let ordinal = column?.firstOrdinal(document) else {
            singles += 1
            return false
        }
        guard var known = own[ordinal] else {
            if own.count >= Self.most {
                budget.noteTooMany()
                return true
            }
            own[ordinal] = Own(rank: rank, document: document, size: 1)
            return true
        }
        known.size += 1
        if known.rank < rank { (known.rank, known.document) = (rank, document) }
        own[ordinal] = known
        return true
    }

    /// Ends a segment: `hit` tells what a document is ordered by, `precedes` which of two hits is better.
    func end(
        _ segment: SegmentReader, hit: (SortRank, Int) throws(IndexError) -> Hit, precedes: (Hit, Hit) -> Bool
    ) throws(IndexError) {
        for (place, (ordinal, one)) in own.sorted(by: { $0.key < $1.key }).enumerated() {
            if place & 255 == 255, budget.isLate() { return }
            let value = try segment.term(field, ordinal)
            if groups.count >= Self.most, groups[value] == nil {
                budget.noteTooMany()
                continue
            }
            var best = try hit(one.rank, one.document)
            var size = one.size
            if let known = groups[value] {
                size += known.size ?? 0
                if precedes(known, best) { best = known }
            }
            best.size = size
            groups[value] = best
        }
    }

    /// The best hits of all groups, in no order.
    var hits: [Hit] { Array(groups.values) }

    /// How many groups there are, documents without a value among them.
    var count: Int { groups.count + singles }
}
