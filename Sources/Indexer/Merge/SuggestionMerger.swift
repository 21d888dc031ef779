import Analyzer
import Kernels
import Segments

/// Merges the suggestions of a field as they are in their segments: forms are copied, and the sorted keys of the
/// sources are merged, so that neither texts nor keys are kept in memory.
///
/// Suggestions stay in the order of the sources, those without a document left out: of equal texts the first that has
/// one stays, with the documents of all.
///
/// Memory: six bytes and a bit for each suggestion of the sources, a bit for each document, and `SuggestionSection`.
struct SuggestionMerger {
    /// The suggestions of a source.
    private struct Source {
        let index: SuggestionIndex
        let merged: SegmentMerger.Source
        /// The number, among those of all sources, of its first suggestion.
        let first: Int
        /// The weights of its documents; nil for a field without weights.
        let weights: PatchedColumn?
    }

    /// The keys of a kind of one source, run by run of equal texts.
    private final class KeyRuns: TermSource {
        let source: Int
        private let index: SuggestionIndex
        private let end: Int
        /// The keys of the current text.
        private(set) var keys: Range<Int>
        private(set) var term = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

        init(_ source: Int, _ index: SuggestionIndex, _ start: SuggestionForms.Start) {
            self.source = source
            self.index = index
            let all = index.keys(start)
            (keys, end) = (all.lowerBound..<all.lowerBound, all.upperBound)
        }

        func step() -> Bool {
            let first = keys.upperBound
            guard first < end else { return false }
            term = index.text(ofKey: first)
            var next = first + 1
            while next < end, index.text(ofKey: next).elementsEqual(term) { next += 1 }
            keys = first..<next
            return true
        }
    }

    private let sources: [Source]
    private let field: Int
    private let codec: NumberCodec?
    private let limiter: RateLimiter?
    /// For each suggestion of the sources, at first the number of the one that stays of its text, then the offset of
    /// its forms in the merged section; `dropped` for one that does not stay.
    private var places: [UInt32]
    /// A bit for each suggestion, set if it stays and there are others of its text.
    private var shared: [UInt64]
    /// The scores of those that stay.
    private var scores: [UInt16]
    private static let dropped = UInt32.max
    /// The number of suggestions, or texts, after which a merge looks whether it is canceled.
    private static let interval = 1 << 12

    /// A merger of the suggestions of a field.
    ///
    /// Errors: `corrupt`; `request` for more than 4 billion suggestions.
    init(
        _ field: Int, of sources: [SegmentMerger.Source], _ schema: Schema, _ limiter: RateLimiter?
    ) throws(IndexError) {
        self.field = field
        self.limiter = limiter
        let weight = schema.fields[field].weight.flatMap(schema.field)
        codec = weight.flatMap { NumberCodec($0.field) }
        var all: [Source] = []
        var count = 0
        for source in sources {
            guard let index = try source.segment.suggestions(field) else { continue }
            let weights = try weight.map { weight throws(IndexError) in
                PatchedColumn(
                    column: try source.segment.numbers(weight.index), patch: source.updates.columns[weight.index])
            }
            all.append(Source(index: index, merged: source, first: count, weights: weights))
            count += index.count
        }
        guard count < Int(Self.dropped) else {
            throw .request(problem: "the suggestions of a segment exceed 4 billion; merge to more segments")
        }
        self.sources = all
        places = (0..<UInt32(count)).map(\.self)
        shared = [UInt64](repeating: 0, count: (count + 63) / 64)
        scores = [UInt16](repeating: 0, count: count)
    }

    /// Writes the merged section, and returns the statistics of the field. Errors: `corrupt` for a source that is not
    /// what was written, `request` if its parts exceed 4 GB, `storage`, `stopped`.
    mutating func write(to segment: SegmentWriter, documents: Int) throws(IndexError) -> FieldStatistics {
        try findEqualTexts()
        var section = try SuggestionSection(segment, field: field)
        let statistics = try addSuggestions(to: &section, documents: documents)
        for start in SuggestionForms.Start.allCases { try addKeys(start, to: &section) }
        try section.finish(in: segment)
        return statistics
    }

    /// The suggestion of a key, with where the key begins in its forms.
    private func place(of key: Int, in source: Int) throws(IndexError) -> SuggestionIndex.Place {
        let index = sources[source].index
        guard let place = index.place(of: key), place.offset < index.forms(of: place.entry).count else {
            throw corruption(source, "a key is beyond the forms")
        }
        return place
    }

    private func corruption(_ source: Int, _ what: String) -> IndexError {
        sources[source].merged.segment.corrupt(.suggestions, field, 0, what)
    }

    /// Finds the suggestions whose text several sources have: the first of them that has a document stays.
    private mutating func findEqualTexts() throws(IndexError) {
        var merge = try TermMerge(runs(.beginning))
        var texts = 0
        while try merge.next() {
            texts += 1
            if texts % Self.interval == 0 { try limiter?.wrote(0) }
            guard merge.matches.count > 1 else { continue }
            var group: [Int] = []
            var first: Int?
            for match in merge.matches {
                let run = merge.source(match)
                for key in run.keys {
                    let entry = try place(of: key, in: run.source).entry
                    group.append(sources[run.source].first + entry)
                    if first == nil, try hasDocument(entry, in: run.source) { first = group.last }
                }
            }
            guard let first else { continue }
            shared[first / 64] |= 1 << UInt64(first % 64)
            for number in group { places[number] = UInt32(first) }
        }
    }

    /// The keys of a kind, one source after the other.
    private func runs(_ start: SuggestionForms.Start) -> [KeyRuns] {
        sources.indices.map { KeyRuns($0, sources[$0].index, start) }
    }

    private func hasDocument(_ entry: Int, in source: Int) throws(IndexError) -> Bool {
        var found = false
        try forEachDocument(of: entry, in: source) { _, _ in
            found = true
            return false
        }
        return found
    }

    /// Calls `body` with the documents of a suggestion that are not deleted, as numbers of the source and of the merged
    /// segment, until it returns false.
    private func forEachDocument(
        of entry: Int, in source: Int, _ body: (_ old: Int, _ new: UInt32) -> Bool
    ) throws(IndexError) {
        let (index, merged) = (sources[source].index, sources[source].merged)
        let isIntact = index.forEachDocument(of: entry, below: merged.segment.documents) { document in
            merged.map.target(UInt32(document)).map { body(document, $0) } ?? true
        }
        if !isIntact { throw corruption(source, "the documents of a suggestion do not ascend") }
    }

    /// Adds the suggestions that stay, with the documents of all that have their texts.
    private mutating func addSuggestions(
        to section: inout SuggestionSection, documents: Int
    ) throws(IndexError) -> FieldStatistics {
        var statistics = FieldStatistics()
        var seen = [UInt64](repeating: 0, count: (documents + 63) / 64)
        var numbers = GrowableBuffer<UInt32>(capacity: 64)
        for (sourceIndex, source) in sources.enumerated() {
            for entry in 0..<source.index.count {
                let number = source.first + entry
                if number % Self.interval == 0 { try limiter?.wrote(0) }
                numbers.removeAll()
                var weight = 0.0
                if places[number] == number {
                    try collect(entry, of: sourceIndex, &numbers, &weight)
                    let isShared = shared[number / 64] >> UInt64(number % 64) & 1 == 1
                    if isShared { try collectOthers(entry, of: sourceIndex, &numbers, &weight) }
                }
                guard numbers.count > 0 else {
                    places[number] = Self.dropped
                    continue
                }
                for document in numbers.elements { seen[Int(document) / 64] |= 1 << UInt64(document % 64) }
                statistics.termCount += 1
                statistics.postingCount += numbers.count
                scores[number] = SuggestionScore.score(weight: weight, length: source.index.text(of: entry).count)
                places[number] = try section.add(forms: source.index.forms(of: entry), documents: numbers.elements)
            }
        }
        statistics.tokenCount = statistics.postingCount
        statistics.documentCount = seen.reduce(0) { $0 + $1.nonzeroBitCount }
        return statistics
    }

    /// Appends the documents of a suggestion of a source, and raises the weight to the greatest of theirs.
    private func collect(
        _ entry: Int, of source: Int, _ numbers: inout GrowableBuffer<UInt32>, _ weight: inout Double
    ) throws(IndexError) {
        let weights = sources[source].weights
        try forEachDocument(of: entry, in: source) { old, new in
            numbers.append(new)
            if let key = weights?.key(old), let codec { weight = max(weight, codec.number(key)) }
            return true
        }
    }

    /// Appends the documents of the suggestions of later sources that have the text of one.
    private func collectOthers(
        _ entry: Int, of source: Int, _ numbers: inout GrowableBuffer<UInt32>, _ weight: inout Double
    ) throws(IndexError) {
        let text = Array(sources[source].index.text(of: entry))
        for later in sources.indices.dropFirst(source + 1) {
            guard let other = sources[later].index.entry(of: text) else { continue }
            try collect(other, of: later, &numbers, &weight)
        }
    }

    /// Adds the keys of a kind that belong to suggestions that stay.
    private func addKeys(
        _ start: SuggestionForms.Start, to section: inout SuggestionSection
    ) throws(IndexError) {
        var merge = try TermMerge(runs(start))
        var texts = 0
        while try merge.next() {
            texts += 1
            if texts % Self.interval == 0 { try limiter?.wrote(0) }
            for match in merge.matches {
                let run = merge.source(match)
                for key in run.keys {
                    let place = try place(of: key, in: run.source)
                    let number = sources[run.source].first + place.entry
                    guard places[number] != Self.dropped else { continue }
                    try section.addKey(start, offset: places[number] + UInt32(place.offset), score: scores[number])
                }
            }
        }
    }
}
