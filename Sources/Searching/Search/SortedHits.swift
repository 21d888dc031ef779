import Kernels
import Segments

/// A collector that keeps the best hits in an order by fields.
///
/// Within a segment hits are compared by `HitSortKey`: numbers by their sort keys, keywords by their ordinals in the
/// segment's dictionary. The few that are kept at the end of a segment get values that can be compared with those of
/// other segments. Call `begin`, `collect` or `offer`, and `end` for each segment in order, then read `hits`.
/// Complexity: O(1) for a hit that does not enter, O(log limit) for one that does.
final class SortedHits {
    /// A sort criterion resolved against the schema.
    private struct Criterion {
        let sort: SortField
        /// The index of the field; nil for the score.
        let field: Int?
        /// The encoding of the field's numbers; nil for keywords and for the score.
        let codec: NumberCodec?

        var isText: Bool { field != nil && codec == nil }
    }

    /// The source of a criterion's values in the current segment.
    private enum Column {
        case score
        case numbers(PatchedColumn)
        case ordinals(OrdinalColumn)
        case none
    }

    /// A segment whose documents are compared with those of others at the end.
    private struct VisitedSegment {
        let segment: SegmentReader
        let columns: [Column]
        /// The id of its first document in the reader.
        let firstDocument: Int
    }

    private typealias Hit = HitGroups.Hit

    /// The sort criteria, the most significant first.
    private let criteria: [Criterion]
    private let limit: Int
    private let after: SearchAfter?
    /// The best hits of the finished segments, in order; at most `limit`.
    private var best: [Hit] = []
    /// The groups of a collapsed search, of which only the best hit is kept; nil in other searches.
    private let groups: HitGroups?
    /// The segments of a collapsed search, in their order; empty in other searches.
    private var visited: [VisitedSegment] = []
    /// True if the returned hits carry their sort values.
    private let showsValues: Bool
    /// True if the score is one of the criteria.
    let needsScores: Bool
    // State of the current segment.
    private var columns: [Column] = []
    private var top: BoundedHeap<Ranked<HitSortKey>>
    /// The id of the segment's first document in the reader.
    private var firstDocument = 0
    /// The sort key of the search-after position in this segment.
    private var afterKey: HitSortKey?
    /// The key of the worst hit kept so far if `best` is full: hits that are worse by the first criterion cannot enter.
    private var worstKey: HitSortKey?

    /// A collector for the `limit` best hits after a position.
    ///
    /// With `groups` only the best hit of each group is kept. With `showsValues` the hits carry the values they were
    /// ordered by. Errors: `request` for fields that hits cannot be ordered by, for none or more than
    /// `SortField.maxFields` of them, and for a position whose values do not fit the order.
    init(
        _ fields: [SortField], limit: Int, after: SearchAfter?, groups: HitGroups? = nil, showsValues: Bool = true,
        _ reader: IndexReader
    ) throws(IndexError) {
        self.groups = groups
        self.showsValues = showsValues
        guard !fields.isEmpty, fields.count <= SortField.maxFields else {
            throw .request(problem: "hits are ordered by 1 to \(SortField.maxFields) fields, not by \(fields.count)")
        }
        var criteria: [Criterion] = []
        for field in fields {
            guard case .field(let name) = field.origin else {
                criteria.append(Criterion(sort: field, field: nil, codec: nil))
                continue
            }
            let (index, codec) = try reader.sortableField(name)
            criteria.append(Criterion(sort: field, field: index, codec: codec))
        }
        self.criteria = criteria
        self.limit = limit
        self.after = after
        needsScores = criteria.contains { $0.field == nil }
        top = BoundedHeap(limit: max(limit, 1))
        guard let after else { return }
        let fitsOrder =
            after.values.count == criteria.count && zip(after.values, criteria).allSatisfy { Self.fits($0, $1) }
        guard fitsOrder else { throw .searchAfterMismatch }
    }

    /// Returns true if a value of a search-after position is of the criterion's type.
    private static func fits(_ value: SortValue, _ criterion: Criterion) -> Bool {
        switch value {
        case .missing: criterion.field != nil
        case .score: criterion.field == nil
        case .text: criterion.isText
        case .float: criterion.codec == .float
        case .integer: criterion.codec?.isWhole ?? false
        }
    }

    /// Starts a segment: opens the columns and translates the search-after position and the worst hit into its keys.
    ///
    /// Errors: `corrupt`. Complexity: O(criteria · log terms).
    func begin(_ reader: IndexReader, _ segmentIndex: Int) throws(IndexError) {
        let segment = reader.segments[segmentIndex]
        firstDocument = reader.bases[segmentIndex]
        top = BoundedHeap(limit: max(limit, 1))
        columns = []
        for criterion in criteria {
            guard let field = criterion.field else {
                columns.append(.score)
                continue
            }
            if criterion.isText {
                columns.append(try segment.ordinals(field).map { .ordinals($0) } ?? .none)
            } else {
                columns.append(.numbers(try reader.column(segmentIndex, .field(field))))
            }
        }
        if let groups {
            try groups.begin(segment, visited.count)
            visited.append(VisitedSegment(segment: segment, columns: columns, firstDocument: firstDocument))
        }
        afterKey = try after.map { position throws(IndexError) in try key(of: position.values, segment) }
        worstKey = nil
        if groups == nil, best.count == limit, let worst = best.last, !criteria[0].isText {
            worstKey = try key(of: worst.values, segment)
        }
    }

    /// The sort key of some values in a segment. A keyword that the segment does not have lies between two ordinals.
    private func key(of values: [SortValue], _ segment: SegmentReader) throws(IndexError) -> HitSortKey {
        var sortKey = HitSortKey()
        for (i, value) in values.enumerated() {
            var key: UInt64?
            switch value {
            case .missing: key = nil
            case .integer(let number): key = SortKey.of(number)
            case .float(let number): key = SortKey.of(number)
            case .score(let score): key = UInt64(score.bitPattern)
            case .text(let text): key = try segment.place(of: text, criteria[i].field ?? 0)
            }
            let sort = criteria[i].sort
            sortKey.set(i, key, ascending: sort.ascending, missingFirst: sort.missingFirst)
        }
        return sortKey
    }

    /// Collects the documents of a window whose bits are set; `base` is the window's first document in the segment.
    ///
    /// Not for orders with the score. Complexity: O(words + matches); with a number column as the first criterion,
    /// zones whose numbers are all too bad are skipped.
    func collect(_ bits: UnsafePointer<UInt64>, words: Int, base: Int) {
        if groups == nil, case .numbers(let first)? = columns.first, let numbers = first.column {
            return collect(bits, words: words, base: base, numbers, first.patch)
        }
        forEachBit(bits, words: words) { offer(base &+ $0, score: 0) }
    }

    /// Collects documents by the numbers of the first criterion: zones in which all are too bad are skipped.
    private func collect(
        _ bits: UnsafePointer<UInt64>, words: Int, base: Int, _ numbers: NumberColumn, _ patch: ColumnPatch?
    ) {
        let (ascending, missingFirst) = (criteria[0].sort.ascending, criteria[0].sort.missingFirst)
        let zoneWords = NumberColumn.zoneSize / 64
        let words = min(words, (numbers.count &- base &+ 63) / 64)
        // Documents without a number come first, and a zone does not report whether it has some.
        let mayHaveMissing = missingFirst && (!numbers.isComplete || patch != nil)
        var threshold = entry
        var from = 0
        while from < words {
            let end = min(from &+ zoneWords, words)
            let documents = base &+ from &* 64..<base &+ end &* 64
            func mayEnter(_ keys: ClosedRange<UInt64>?) -> Bool {
                threshold <= HitSortKey.First(best: keys, ascending: ascending, missingFirst: missingFirst)
            }
            let isVisited =
                mayHaveMissing || mayEnter(numbers.zone(documents.lowerBound / NumberColumn.zoneSize))
                || patch?.keys(of: documents).map(mayEnter) ?? false
            for i in from..<(isVisited ? end : from) where bits[i] != 0 {
                var word = bits[i]
                let patched = patch?.bits(from: base &+ i &* 64) ?? 0
                while word != 0 {
                    let slot = word.trailingZeroBitCount
                    let document = base &+ i &* 64 &+ slot
                    word &= word &- 1
                    var key = numbers.key(document)
                    if patched &>> UInt64(slot) & 1 != 0, let changed = patch?.value(document) { key = changed }
                    let first = HitSortKey.First(key, ascending: ascending, missingFirst: missingFirst)
                    if first < threshold { continue }
                    offer(document, score: 0)
                    threshold = entry
                }
            }
            from = end
        }
    }

    /// The threshold by the first criterion: hits with a worse key cannot enter.
    private var entry: HitSortKey.First {
        max(worstKey?.first ?? HitSortKey.First(), top.worst?.key.first ?? HitSortKey.First())
    }

    /// Offers a document of the segment; `score` matters only if `needsScores`.
    @inline(__always)
    func offer(_ document: Int, score: Float) {
        var key = HitSortKey()
        setKey(0, columns[0], document, score, &key)
        if let worstKey, key.first < worstKey.first { return }
        for i in 1..<max(columns.count, 1) { setKey(i, columns[i], document, score, &key) }
        if let groups {
            let isMember = groups.collect(document, score: score) { sortKey($0, score: $1, columns) < key }
            if isMember { return }
        }
        if let afterKey, let after {
            if afterKey < key || afterKey == key && firstDocument &+ document <= after.document { return }
        }
        top.offer(Ranked(key, document))
    }

    /// The sort key of a document of the segment with some columns.
    private func sortKey(_ document: Int, score: Float, _ columns: [Column]) -> HitSortKey {
        var key = HitSortKey()
        for i in columns.indices { setKey(i, columns[i], document, score, &key) }
        return key
    }

    /// Sets the part of a sort key that belongs to one criterion.
    @inline(__always)
    private func setKey(
        _ i: Int, _ column: Column, _ document: Int, _ score: Float, _ sortKey: inout HitSortKey
    ) {
        let sort = criteria[i].sort
        var key: UInt64?
        switch column {
        case .score: key = UInt64(score.bitPattern)
        case .numbers(let column): key = column.key(document)
        case .ordinals(let column):
            // Odd, so that a keyword that the segment does not have can lie between two.
            let ordinal = sort.ascending ? column.firstOrdinal(document) : column.lastOrdinal(document)
            key = ordinal.map { UInt64($0) &* 2 &+ 1 }
        case .none: key = nil
        }
        sortKey.set(i, key, ascending: sort.ascending, missingFirst: sort.missingFirst)
    }

    /// Ends the segment and merges its best hits with those of the earlier segments.
    ///
    /// Errors: `corrupt`. Complexity: O(limit · log terms).
    func end(_ segment: SegmentReader) throws(IndexError) {
        var merged: [Hit] = []
        var earlier = 0
        for entry in top.sorted {
            let hit = Hit(values: try values(of: entry.key, segment), document: firstDocument + entry.number)
            while earlier < best.count, !precedes(hit, best[earlier]) {
                merged.append(best[earlier])
                earlier += 1
            }
            merged.append(hit)
        }
        best = Array((merged + best[earlier...]).prefix(limit))
    }

    /// The values that a sort key of a segment stands for, comparable across segments.
    private func values(of sortKey: HitSortKey, _ segment: SegmentReader) throws(IndexError) -> [SortValue] {
        var values: [SortValue] = []
        for (i, criterion) in criteria.enumerated() {
            guard let key = sortKey.key(i, ascending: criterion.sort.ascending) else {
                values.append(.missing)
                continue
            }
            guard let field = criterion.field else {
                values.append(.score(Float(bitPattern: UInt32(truncatingIfNeeded: key))))
                continue
            }
            switch criterion.codec {
            case nil: values.append(.text(try segment.term(field, Int(key / 2))))
            case .float?: values.append(.float(SortKey.float(key)))
            default: values.append(.integer(SortKey.integer(key)))
            }
        }
        return values
    }

    /// Returns true if a hit comes before another one; equal ones are ordered by document id.
    private func precedes(_ a: Hit, _ b: Hit) -> Bool {
        for (i, criterion) in criteria.enumerated() where a.values[i] != b.values[i] {
            let (x, y) = (a.values[i], b.values[i])
            if x == .missing || y == .missing { return (x == .missing) == criterion.sort.missingFirst }
            let isLess =
                switch (x, y) {
                case (.integer(let x), .integer(let y)): x < y
                case (.float(let x), .float(let y)): x < y
                case (.text(let x), .text(let y)): x.lexicographicallyPrecedes(y)
                case (.score(let x), .score(let y)): x < y
                default: false
                }
            return isLess == criterion.sort.ascending
        }
        return a.document < b.document
    }

    /// Returns the best hits, in order; to be called after the last segment.
    ///
    /// Errors: `corrupt`. Complexity: O(limit), and O(groups · (segments + log limit)) in a collapsed search.
    func hits() throws(IndexError) -> [SearchResult.Hit] {
        if let groups { try addGroups(groups) }
        return best.map { hit in
            var score: Float = 0
            for value in hit.values { if case .score(let value) = value { score = value } }
            return SearchResult.Hit(
                document: hit.document, score: score, sort: showsValues ? hit.values : [], groupSize: hit.size)
        }
    }

    /// Adds the best hits of the groups to those of documents without a group.
    private func addGroups(_ groups: HitGroups) throws(IndexError) {
        var ordered = best
        let after = after.map { Hit(values: $0.values, document: $0.document) }
        /// Keeps the best hits only.
        func prune() {
            ordered.sort { precedes($0, $1) }
            ordered = Array(ordered.prefix(limit))
        }
        prune()
        var worst = ordered.count == limit ? ordered.last : nil
        try groups.forEachGroup { place, group throws(IndexError) in
            let place = visited[place]
            let document = Int(group.document)
            let key = sortKey(document, score: group.score, place.columns)
            return Hit(values: try values(of: key, place.segment), document: place.firstDocument + document)
        } precedes: {
            precedes($0, $1)
        } _: { hit in
            if let after, !precedes(after, hit) { return }
            if let worst, !precedes(hit, worst) { return }
            ordered.append(hit)
            if ordered.count >= 2 * limit + 64 {
                prune()
                worst = ordered.last
            }
        }
        prune()
        best = ordered
    }
}

extension IndexReader {
    /// The index of a field that hits can be ordered by, and the encoding of its numbers (nil for keywords).
    ///
    /// Errors: `request` for other fields.
    fileprivate func sortableField(_ name: String) throws(IndexError) -> (index: Int, codec: NumberCodec?) {
        func isSortable(_ field: Field) -> Bool {
            field.hasNumbers || field.type == .keyword && field.name != schema.key
        }
        guard let (index, field) = schema.field(name), isSortable(field) else {
            let available = schema.fields.filter(isSortable).map(\.name)
            throw .request(problem: "cannot sort by \"\(name)\"; sortable fields: \(available.joined(separator: ", "))")
        }
        return (index, NumberCodec(field))
    }
}
