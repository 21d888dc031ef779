import Kernels

/// Keeps the first hits by any fields.
///
/// Within a segment hits are compared by numbers; texts by their ranks in the segment's dictionary. The few that are
/// kept get values that can be compared with those of other segments. Complexity: O(1) a hit that does not enter.
final class SortedHits {
    /// A field as the index has it.
    private struct OrderedField {
        let sort: SortField
        /// Number of the field; nil for the score.
        let field: Int?
        /// How its numbers are kept; nil for texts, and for the score.
        let codec: NumberCodec?

        var isText: Bool { field != nil && codec == nil }
    }

    /// A field as a segment has it.
    private enum Column {
        case score
        case numbers(PatchedColumn)
        case ordinals(OrdinalColumn)
        case none
    }

    private typealias Hit = HitGroups.Hit

    private let keys: [OrderedField]
    private let limit: Int
    private let after: SearchPlace?
    private var best: [Hit] = []
    /// Of each group only the best hit is kept.
    private let groups: HitGroups?
    /// Whether what hits were ordered by is told.
    private let showsValues: Bool
    /// Whether scores are asked for.
    let needsScores: Bool
    // Of the current segment.
    private var columns: [Column] = []
    private var top: TopHits<SortRank>
    private var first = 0
    private var afterRank: SortRank?
    /// No hit that is worse than this by the first field can enter; nil while any can.
    private var least: SortRank?

    /// Errors: `request` for fields hits cannot be ordered by.
    ///
    /// With `groups` only the best hit of each is kept; `showsValues` tells whether hits say what they were ordered by.
    init(
        _ fields: [SortField], limit: Int, after: SearchPlace?, groups: HitGroups? = nil, showsValues: Bool = true,
        _ reader: IndexReader
    ) throws(IndexError) {
        self.groups = groups
        self.showsValues = showsValues
        guard !fields.isEmpty, fields.count <= SortField.most else {
            throw .request(problem: "hits are ordered by 1 to \(SortField.most) fields, not by \(fields.count)")
        }
        var keys: [OrderedField] = []
        for field in fields {
            guard case .field(let name) = field.origin else {
                keys.append(OrderedField(sort: field, field: nil, codec: nil))
                continue
            }
            let (index, codec) = try reader.sortableField(name)
            keys.append(OrderedField(sort: field, field: index, codec: codec))
        }
        self.keys = keys
        self.limit = limit
        self.after = after
        needsScores = keys.contains { $0.field == nil }
        top = TopHits(limit: max(limit, 1))
        guard let after else { return }
        let isFitting = after.values.count == keys.count && zip(after.values, keys).allSatisfy { Self.fits($0, $1) }
        guard isFitting else { throw .request(problem: "the place to go on from is not one of this order") }
    }

    private static func fits(_ value: SortValue, _ key: OrderedField) -> Bool {
        switch value {
        case .missing: key.field != nil
        case .score: key.field == nil
        case .text: key.isText
        case .float: key.codec == .float
        case .integer: key.codec?.isWhole ?? false
        }
    }

    /// Begins a segment, whose documents are numbered from `first` on.
    func begin(_ reader: IndexReader, _ number: Int) throws(IndexError) {
        let segment = reader.segments[number]
        first = reader.bases[number]
        top = TopHits(limit: max(limit, 1))
        columns = []
        for key in keys {
            guard let field = key.field else {
                columns.append(.score)
                continue
            }
            if key.isText {
                columns.append(try segment.ordinals(field).map { .ordinals($0) } ?? .none)
            } else {
                columns.append(.numbers(try reader.column(number, .field(field))))
            }
        }
        try groups?.begin(segment)
        afterRank = try after.map { place throws(IndexError) in try rank(of: place.values, segment) }
        least = nil
        if groups == nil, best.count == limit, let worst = best.last, !keys[0].isText {
            least = try rank(of: worst.values, segment)
        }
    }

    /// The rank that some values have in a segment. Texts lie between two ranks when it does not have them.
    private func rank(of values: [SortValue], _ segment: SegmentReader) throws(IndexError) -> SortRank {
        var rank = SortRank()
        for (i, value) in values.enumerated() {
            var key: UInt64?
            switch value {
            case .missing: key = nil
            case .integer(let number): key = SortKey.of(number)
            case .float(let number): key = SortKey.of(number)
            case .score(let score): key = UInt64(score.bitPattern)
            case .text(let text): key = try segment.place(of: text, keys[i].field ?? 0)
            }
            rank.set(i, key, ascending: keys[i].sort.ascending, missingFirst: keys[i].sort.missingFirst)
        }
        return rank
    }

    /// Takes the documents of a window whose bits are set.
    func take(_ bits: UnsafePointer<UInt64>, words: Int, base: Int) {
        if groups == nil, case .numbers(let first)? = columns.first, first.patch == nil, let numbers = first.column {
            return take(bits, words: words, base: base, numbers)
        }
        forEachBit(bits, words: words) { offer(base &+ $0, score: 0) }
    }

    /// Takes documents by their first numbers: zones in which all are too bad are skipped.
    private func take(_ bits: UnsafePointer<UInt64>, words: Int, base: Int, _ numbers: NumberColumn) {
        let sort = keys[0].sort
        let zoneWords = NumberColumn.zoneSize / 64
        let words = min(words, (numbers.count &- base &+ 63) / 64)
        var need = entry
        var from = 0
        while from < words {
            let end = min(from &+ zoneWords, words)
            let zone = numbers.zone((base &+ from &* 64) / NumberColumn.zoneSize)
            let mayLack = sort.missingFirst && !numbers.isComplete
            if mayLack || need <= SortRank.First(best: zone, ascending: sort.ascending, missingFirst: sort.missingFirst)
            {
                for i in from..<end {
                    var word = bits[i]
                    while word != 0 {
                        let document = base &+ i &* 64 &+ word.trailingZeroBitCount
                        word &= word &- 1
                        let key = numbers.key(document)
                        if SortRank.First(key, ascending: sort.ascending, missingFirst: sort.missingFirst) < need {
                            continue
                        }
                        offer(document, score: 0)
                        need = entry
                    }
                }
            }
            from = end
        }
    }

    /// No hit that is worse than this by the first field can enter.
    private var entry: SortRank.First {
        max(least?.first ?? SortRank.First(), top.least?.first ?? SortRank.First())
    }

    /// Takes a document of the segment.
    @inline(__always)
    func offer(_ document: Int, score: Float) {
        var rank = SortRank()
        setKey(0, document, score, &rank)
        if let least, rank.first < least.first { return }
        for i in 1..<max(columns.count, 1) { setKey(i, document, score, &rank) }
        if let groups, groups.take(document, rank) { return }
        if let afterRank, let after {
            if afterRank < rank || afterRank == rank && first &+ document <= after.document { return }
        }
        top.offer(rank, document)
    }

    @inline(__always)
    private func setKey(_ i: Int, _ document: Int, _ score: Float, _ rank: inout SortRank) {
        let sort = keys[i].sort
        var key: UInt64?
        switch columns[i] {
        case .score: key = UInt64(score.bitPattern)
        case .numbers(let column): key = column.key(document)
        case .ordinals(let column):
            // Odd, so that a text the segment does not have can lie between two.
            let ordinal = sort.ascending ? column.firstOrdinal(document) : column.lastOrdinal(document)
            key = ordinal.map { UInt64($0) &* 2 &+ 1 }
        case .none: key = nil
        }
        rank.set(i, key, ascending: sort.ascending, missingFirst: sort.missingFirst)
    }

    /// Ends the segment. `scores` are those of the documents that were kept, if they matter.
    func end(_ segment: SegmentReader) throws(IndexError) {
        var merged: [Hit] = []
        var old = 0
        for (rank, document) in top.sorted {
            let hit = Hit(values: try values(of: rank, segment), document: first + document)
            while old < best.count, !precedes(hit, best[old]) {
                merged.append(best[old])
                old += 1
            }
            merged.append(hit)
        }
        best = Array((merged + best[old...]).prefix(limit))
        try groups?.end(segment) { rank, document throws(IndexError) in
            Hit(values: try self.values(of: rank, segment), document: self.first + document)
        } precedes: {
            self.precedes($0, $1)
        }
    }

    private func values(of rank: SortRank, _ segment: SegmentReader) throws(IndexError) -> [SortValue] {
        var values: [SortValue] = []
        for (i, key) in keys.enumerated() {
            guard let number = rank.key(i, ascending: key.sort.ascending) else {
                values.append(.missing)
                continue
            }
            guard let field = key.field else {
                values.append(.score(Float(bitPattern: UInt32(truncatingIfNeeded: number))))
                continue
            }
            switch key.codec {
            case nil: values.append(.text(try segment.term(field, Int(number / 2))))
            case .float?: values.append(.float(SortKey.float(number)))
            default: values.append(.integer(SortKey.integer(number)))
            }
        }
        return values
    }

    /// Whether a hit comes before another one.
    private func precedes(_ a: Hit, _ b: Hit) -> Bool {
        for (i, key) in keys.enumerated() where a.values[i] != b.values[i] {
            let (x, y) = (a.values[i], b.values[i])
            if x == .missing || y == .missing { return (x == .missing) == key.sort.missingFirst }
            let isLess =
                switch (x, y) {
                case (.integer(let x), .integer(let y)): x < y
                case (.float(let x), .float(let y)): x < y
                case (.text(let x), .text(let y)): x.lexicographicallyPrecedes(y)
                case (.score(let x), .score(let y)): x < y
                default: false
                }
            return isLess == key.sort.ascending
        }
        return a.document < b.document
    }

    /// The hits, after the last segment.
    var hits: [SearchResult.Hit] {
        var all = best
        if let groups {
            all += groups.hits.filter { hit in
                after.map { precedes(Hit(values: $0.values, document: $0.document), hit) } ?? true
            }
            all.sort { precedes($0, $1) }
        }
        return all.prefix(limit).map { hit in
            var score: Float = 0
            for value in hit.values { if case .score(let own) = value { score = own } }
            return SearchResult.Hit(
                document: hit.document, score: score, sort: showsValues ? hit.values : [], groupSize: hit.size)
        }
    }
}
