import Analyzer
package import Segments

/// The search for the best suggestions for typed text, in all segments and some fields.
///
/// It runs in steps, each over all segments: what begins with the typed text, what sounds like its Chinese characters,
/// and what is one edit away. A later step is only taken when the earlier ones did not find enough, and only when its
/// results are asked for.
struct SuggestionSearch {
    /// A suggestion of a segment.
    private struct Candidate {
        var segment: Int
        var field: Int
        var entry: Int
        /// The part of the suggestion's forms that the typed text covers.
        var typed: Range<Int>
        var score: Int
        /// The cost of the match.
        var cost: Int
        /// True if the text only sounds like what was typed, or is an edit away.
        var isCorrected: Bool
        /// The first form, by which candidates of several segments and fields are one.
        var text: [UInt8]
    }

    private let reader: IndexReader
    private let limit: Int
    private let budget: SearchBudget
    /// The best candidates, best first, each text once.
    private var best: [Candidate] = []

    /// Searches the fields with some indexes, with `nearMisses` also for what only sounds like the text or is an edit
    /// away; ends with what was found when no time is left.
    init(
        _ typed: String, fields: [Int], limit: Int, nearMisses: Bool, _ reader: IndexReader, _ budget: SearchBudget
    ) throws(IndexError) {
        self.reader = reader
        self.limit = limit
        self.budget = budget
        let texts = fields.map {
            TypedText(typed, reader.schema.analyzer(reader.schema.fields[$0].analyzer) ?? .standard)
        }
        try forEachIndex(fields, texts) { search, text, place in search.addExact(text, place) }
        if nearMisses && best.count < limit || texts.contains(where: \.isComposing) {
            try forEachIndex(fields, texts) { search, text, place in search.addSounds(text, place) }
        }
        if nearMisses && best.count < limit {
            try forEachIndex(fields, texts) { search, text, place in search.addCorrections(text, place) }
        }
    }

    /// The suggestions of a field in a segment.
    private struct Place {
        var index: SuggestionIndex
        var segment: Int
        var field: Int
        var kind: SuggestionKind
    }

    /// Calls `body` with the suggestions of each field and segment. Errors: `corrupt`.
    private mutating func forEachIndex(
        _ fields: [Int], _ texts: [TypedText], _ body: (inout SuggestionSearch, TypedText, Place) -> Void
    ) throws(IndexError) {
        for segment in reader.segments.indices {
            for (field, text) in zip(fields, texts) where !budget.isLate() {
                guard let index = try reader.segments[segment].suggestions(field) else { continue }
                let kind = reader.schema.fields[field].kind ?? .title
                body(&self, text, Place(index: index, segment: segment, field: field, kind: kind))
            }
        }
    }

    private mutating func addExact(_ typed: TypedText, _ place: Place) {
        for start in SuggestionForms.Start.allCases {
            var walk = SuggestionWalk(place.index, start, typed.text)
            walk.addExact()
            let cost = MatchCost.match(start, place.kind, typed)
            for match in walk.matches { collect(match, place, placeCost: cost) { _ in (0, false) } }
        }
    }

    private mutating func addSounds(_ typed: TypedText, _ place: Place) {
        for pinyin in typed.pinyin {
            for start in [SuggestionForms.Start.pinyin, .syllable] {
                var walk = SuggestionWalk(place.index, start, pinyin)
                walk.addExact()
                let cost = MatchCost.match(start == .pinyin ? .beginning : .word, place.kind, typed)
                let sound = typed.isComposing ? MatchCost.composed : MatchCost.tier
                for match in walk.matches {
                    collect(match, place, placeCost: cost + sound) { text in
                        let isComposed = typed.isComposing && typed.characters.isContained(in: text)
                        return (isComposed ? 0 : MatchCost.tier - sound, !isComposed)
                    }
                }
            }
        }
    }

    private mutating func addCorrections(_ typed: TypedText, _ place: Place) {
        for start in SuggestionForms.Start.allCases {
            var walk = SuggestionWalk(place.index, start, typed.text)
            walk.addCorrections()
            let cost = MatchCost.match(start, place.kind, typed)
            for match in walk.matches { collect(match, place, placeCost: cost) { _ in (0, true) } }
        }
    }

    /// The score that a candidate must exceed.
    private var threshold: Int {
        if visited > Self.maxVisited || budget.isOutOfTime { return .max / 2 }
        return best.count < limit ? .min / 2 : best[best.count - 1].score
    }

    /// The number of keys that were compared, and the maximum: a search ends there even if all texts are deleted.
    private(set) var visited = 0
    private static let maxVisited = 50_000

    /// Adds the best keys of a match, which cost the sum of `match.cost` and `placeCost`, and more by their texts:
    /// `liberties` returns how much for a text, and whether that is a correction.
    private mutating func collect(
        _ match: SuggestionWalk.Match, _ place: Place, placeCost: Int,
        _ liberties: (UnsafeRawBufferPointer) -> (cost: Int, isCorrected: Bool)
    ) {
        let leastCost = match.cost + placeCost
        place.index.forEachKey(in: match.keys, above: { threshold + leastCost }) { key, score in
            visited += 1
            if visited & 255 == 0, budget.isLate() { return }
            guard let key = place.index.place(of: key) else { return }
            let (entry, offset) = (key.entry, key.offset)
            let text = place.index.text(of: entry)
            let liberty = liberties(text)
            assert(liberty.cost >= 0, "or the threshold would leave out too much")
            let cost = leastCost + liberty.cost
            let score = score - cost
            if score <= threshold { return }
            let same = best.firstIndex { Self.areEditions($0.text, text) }
            if let same, best[same].score >= score { return }
            guard isLive(entry, place) else { return }
            if let same { best.remove(at: same) }
            let position = best.firstIndex { $0.score < score } ?? best.count
            if best.count == limit { best.removeLast() }
            best.insert(
                Candidate(
                    segment: place.segment, field: place.field, entry: entry, typed: offset..<offset + match.depth,
                    score: score, cost: cost, isCorrected: liberty.isCorrected, text: Array(text)), at: position)
        }
    }

    /// True if two texts differ in blanks only: 三体 2 and 三体2.
    private static func areEditions(_ a: [UInt8], _ b: UnsafeRawBufferPointer) -> Bool {
        a.lazy.filter { $0 != 0x20 }.elementsEqual(b.lazy.filter { $0 != 0x20 })
    }

    /// True if a document that was not deleted has the text.
    private func isLive(_ entry: Int, _ place: Place) -> Bool {
        var isLive = false
        let live = reader.live[place.segment]
        place.index.forEachDocument(of: entry, below: reader.segments[place.segment].documents) { document in
            isLive = live?.contains(document) ?? true
            return !isLive
        }
        return isLive
    }

    /// Returns the suggestions with their documents in all segments. Errors: `corrupt`.
    ///
    /// Complexity: O(suggestions · segments · log keys).
    func suggestions() throws(IndexError) -> [Suggestion] {
        try best.map { candidate throws(IndexError) in
            let field = reader.schema.fields[candidate.field]
            var suggestion = Suggestion(
                kind: field.kind ?? .title, field: field.name, text: String(decoding: candidate.text, as: UTF8.self),
                typed: candidate.typed, score: candidate.score, isCorrected: candidate.isCorrected, document: 0,
                documents: [])
            let weight = try field.weight.map { name throws(IndexError) in try reader.numberField(name) }
            var greatest: UInt64 = 0
            for segment in reader.segments.indices where suggestion.documents.count < Suggestion.maxDocuments {
                guard let index = try reader.segments[segment].suggestions(candidate.field),
                    let entry = segment == candidate.segment ? candidate.entry : index.entry(of: candidate.text)
                else { continue }
                let live = reader.live[segment]
                let weights = try weight.map { field throws(IndexError) in try reader.column(segment, .field(field)) }
                let codec = weight.flatMap { NumberCodec(reader.schema.fields[$0]) }
                index.forEachDocument(of: entry, below: reader.segments[segment].documents) { document in
                    guard live?.contains(document) ?? true else { return true }
                    let key = weights?.key(document) ?? 0
                    if key > greatest || suggestion.documents.isEmpty {
                        greatest = key
                        suggestion.document = reader.bases[segment] + document
                    }
                    let score = SuggestionScore.score(
                        weight: key == 0 ? 0 : codec?.number(key) ?? 0, length: candidate.text.count)
                    suggestion.documents.append(
                        .init(document: reader.bases[segment] + document, score: Int(score) - candidate.cost))
                    return suggestion.documents.count < Suggestion.maxDocuments
                }
            }
            return suggestion
        }
    }
}

extension IndexReader {
    /// Returns the suggestions for typed text, best first, at most `limit`, each text once.
    ///
    /// The text is compared with the words of titles, authors and so on from any word on, and with their pinyin and its
    /// initials. Chinese characters are also compared by their pinyin, so that `三t` and homophones find 三体. If there
    /// are not enough, texts that are one edit away are added. Without `nearMisses`, neither these nor homophones of
    /// what is not half composed are searched for, which is most of the work. When the time of `limits` is over, the
    /// result has what was found by then. Errors: `corrupt`.
    ///
    /// ```swift
    /// let best = try reader.suggestions(for: "hrary po", kinds: [.title], limit: 5).first   // harry potter …
    /// ```
    ///
    /// Complexity: O(typed bytes · log keys) for each segment, and O(log keys) for each suggestion.
    package func suggestions(
        for typed: String, kinds: Set<SuggestionKind> = Set(SuggestionKind.allCases), limit: Int = 10,
        nearMisses: Bool = true, limits: SearchLimits = SearchLimits()
    ) throws(IndexError) -> [Suggestion] {
        guard limit > 0 else { return [] }
        let fields = schema.fields.indices.filter { schema.fields[$0].kind.map(kinds.contains) ?? false }
        return try SuggestionSearch(
            typed, fields: fields, limit: limit, nearMisses: nearMisses, self, SearchBudget(limits)
        ).suggestions()
    }
}

extension [UInt8] {
    /// True if the bytes occur in other ones; true for no bytes.
    fileprivate func isContained(in bytes: UnsafeRawBufferPointer) -> Bool {
        guard count <= bytes.count else { return false }
        return (0...bytes.count - count).contains { bytes[$0..<$0 + count].elementsEqual(self) }
    }
}
