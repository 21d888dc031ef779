import Glibc
import Segments

/// The groups of a collapsed search: the best hit of each value of a keyword field.
///
/// Within a segment groups are identified by the value's ordinal, across segments by the value's bytes. Call `begin`
/// and `collect` for each segment, then `forEachGroup`. Memory: 12 bytes for each value of a segment, in pages that are
/// touched only where documents match.
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

    /// The best hit of a group in one segment. All bits are 0 for a group without hits.
    struct SegmentGroup: BitwiseCopyable {
        /// The number of matching documents; `SegmentGroup.leftOut` for a group that is left out.
        var size: UInt32
        /// The best document, by its number in the segment.
        var document: UInt32
        /// Its score.
        var score: Float

        /// The size of a group that is left out.
        static let leftOut = UInt32.max
        /// True if the group is left out: an earlier search returned it.
        var isLeftOut: Bool { size == Self.leftOut }
    }

    /// The groups of one segment, by ordinal.
    final class SegmentGroups {
        /// The number that `begin` gave the segment.
        let segmentIndex: Int
        let segment: SegmentReader
        let terms: TermDictionary
        /// The number of values.
        let count: Int
        private let groups: UnsafeMutablePointer<SegmentGroup>

        /// Groups without hits for the values of a field. Zeroed pages come from the system when they are touched.
        init?(_ segmentIndex: Int, _ segment: SegmentReader, _ terms: TermDictionary) {
            if terms.count == 0 { return nil }
            guard let memory = calloc(terms.count, MemoryLayout<SegmentGroup>.stride) else {
                preconditionFailure("out of memory")
            }
            self.segmentIndex = segmentIndex
            self.segment = segment
            self.terms = terms
            count = terms.count
            groups = memory.bindMemory(to: SegmentGroup.self, capacity: terms.count)
        }

        deinit { free(groups) }

        /// The group of the value with an ordinal below `count`.
        subscript(ordinal: Int) -> SegmentGroup {
            get { groups[ordinal] }
            set { groups[ordinal] = newValue }
        }
    }

    private let field: Int
    private let budget: SearchBudget
    private var column: OrdinalColumn?
    /// The groups of the current segment; nil if it has no values.
    private var current: SegmentGroups?
    /// The groups of all segments, in their order.
    private var segments: [SegmentGroups] = []
    /// The number of matching documents without a value.
    private var ungrouped = 0
    /// The number of groups; each document without a value counts as one. Complete after `forEachGroup`.
    private(set) var count = 0

    /// Groups by the keyword field of the given index.
    init(field: Int, _ budget: SearchBudget) {
        self.field = field
        self.budget = budget
    }

    /// Starts a segment, to which `hit` of `forEachGroup` refers by a number. Errors: `corrupt`.
    func begin(_ segment: SegmentReader, _ segmentIndex: Int) throws(IndexError) {
        column = try segment.ordinals(field)
        current = try segment.terms(field).flatMap { SegmentGroups(segmentIndex, segment, $0) }
        if let current { segments.append(current) }
    }

    /// Adds a matching document; returns false if it has no value and is therefore no member of a group. `isBetter`
    /// returns true if the document is a better hit than another one with a score.
    ///
    /// Documents come in ascending order, so of equal ones the first stays. Complexity: O(1).
    func collect(_ document: Int, score: Float, isBetter: (_ than: Int, _ score: Float) -> Bool) -> Bool {
        guard let current, let ordinal = column?.firstOrdinal(document), ordinal < current.count else {
            ungrouped += 1
            return false
        }
        var group = current[ordinal]
        if group.isLeftOut { return true }
        if group.size == 0 || isBetter(Int(group.document), group.score) {
            (group.document, group.score) = (UInt32(truncatingIfNeeded: document), score)
        }
        group.size += 1
        current[ordinal] = group
        return true
    }

    /// Leaves out the group of a document of the current segment; documents without a value have none.
    ///
    /// To be called between `begin` and the first `collect` of the segment. Complexity: O(1).
    func leaveOut(_ document: Int) {
        guard let current, let ordinal = column?.firstOrdinal(document), ordinal < current.count else { return }
        current[ordinal] = SegmentGroup(size: SegmentGroup.leftOut, document: 0, score: 0)
    }

    /// Calls `body` with the best hit of each group that has one and its size, ascending by value, until the deadline.
    ///
    /// `hit` makes a hit from the number of a segment and a group of it; `precedes` returns true if its
    /// first argument is the better hit. Errors: `corrupt`, and those of `hit`. Complexity: O(groups · segments).
    func forEachGroup(
        hit: (Int, SegmentGroup) throws(IndexError) -> Hit, precedes: (Hit, Hit) -> Bool, _ body: (Hit) -> Void
    ) throws(IndexError) {
        count = ungrouped
        var merge = try TermMerge(segments.map { GroupTerms($0, field) })
        var steps = 0
        while steps & 1023 != 1023 || !budget.isLate(), try merge.next() {
            steps += 1
            if merge.matches.contains(where: { merge.source($0).group.isLeftOut }) { continue }
            var best: Hit?
            var size = 0
            for match in merge.matches {
                let source = merge.source(match)
                size += Int(source.group.size)
                let other = try hit(source.segmentIndex, source.group)
                if best.map({ precedes(other, $0) }) ?? true { best = other }
            }
            guard var best else { continue }
            best.size = size
            count += 1
            body(best)
        }
    }
}

/// The values of one segment whose groups have hits, as a source of a merge.
private final class GroupTerms: TermSource {
    private let groups: HitGroups.SegmentGroups
    private let field: Int
    private var texts: TermTexts
    private var ordinal = -1
    private(set) var term = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    init(_ groups: HitGroups.SegmentGroups, _ field: Int) {
        self.groups = groups
        self.field = field
        texts = TermTexts(groups.terms)
    }

    var segmentIndex: Int { groups.segmentIndex }
    /// The group of the current value.
    var group: HitGroups.SegmentGroup { groups[ordinal] }

    func step() throws(IndexError) -> Bool {
        repeat { ordinal += 1 } while ordinal < groups.count && groups[ordinal].size == 0
        if ordinal >= groups.count { return false }
        guard let text = texts.text(ordinal) else { throw groups.segment.corrupt(.termBlocks, field) }
        term = text
        return true
    }
}
