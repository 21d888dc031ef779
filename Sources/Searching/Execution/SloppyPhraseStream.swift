import Kernels
import Segments

/// A stream of the documents in which the terms of several places occur near each other, see `SloppyPhrase`.
///
/// Documents that have a term for every place are found by an intersection; then positions are read. The bound is the
/// weight of the phrase, so windows are not skipped by frequencies. Complexity per document: O(tokens of the phrase ·
/// places · log tokens).
final class SloppyPhraseStream: DocumentStream {
    let scope: SegmentScope
    var cost: Int { base.cost }
    /// The documents that have a term for every place.
    private let base: any DocumentStream
    /// Per place, the streams of its terms, with positions; separate from those of `base`.
    private let terms: [[TermStream]]
    private var search: SpanSearch
    private let weight: TermWeight?
    private var positions = GrowableBuffer<UInt32>(capacity: 64)

    /// A sloppy phrase over the documents of `base`, which have a term for every place of `search`; without `weight` it
    /// only matches.
    init(
        _ base: any DocumentStream, _ terms: [[TermStream]], _ search: SpanSearch, weight: TermWeight?,
        _ scope: SegmentScope
    ) {
        self.scope = scope
        self.base = base
        self.terms = terms
        self.search = search
        self.weight = weight
    }

    var widestWindow: Int { base.widestWindow }
    var countsByScoring: Bool { true }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }

    func matches(_ start: Int, into list: CandidateList) {
        list.count = 0
        base.matches(start, into: list)
        keep(start, list, weight: nil)
    }

    func match(_ start: Int, into bits: UnsafeMutablePointer<UInt64>) { matchByList(start, into: bits) }

    func filter(_ start: Int, _ list: CandidateList) {
        base.filter(start, list)
        keep(start, list, weight: nil)
    }

    func bound(_ start: Int) -> Double { Double(weight?.weight ?? 0) }

    func collect(_ start: Int, minScore: Double, into list: CandidateList) {
        list.count = 0
        if bound(start) < minScore { return }
        base.matches(start, into: list)
        keep(start, list, weight: weight)
        list.drop(below: minScore)
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, minScore: Double) {
        addScores(to: list, isRequired: isRequired, minScore: minScore) { matching in
            base.filter(start, matching)
            keep(start, matching, weight: weight)
        }
    }

    /// Keeps the candidates in which the phrase occurs and adds its score.
    private func keep(_ start: Int, _ list: CandidateList, weight: TermWeight?) {
        for term in terms.joined() { term.enter(start) }
        var kept = 0
        for i in 0..<list.count {
            let slot = list.slots[i]
            let document = start &+ Int(slot)
            let frequency = frequency(UInt32(truncatingIfNeeded: document))
            if frequency == 0 { continue }
            let score = weight.map { $0.score(frequency: frequency, document: document) } ?? 0
            list.slots[kept] = slot
            list.scores[kept] = list.scores[i] + Double(score)
            kept &+= 1
        }
        list.count = kept
    }

    /// The frequency of the phrase in a document: each occurrence counts 1 / (1 + span).
    private func frequency(_ document: UInt32) -> Float {
        for (i, place) in search.places.enumerated() {
            search.starts[i].removeAll(keepingCapacity: true)
            for term in terms[i] {
                let slot = term.cursor.pointee.find(document)
                if slot < 0 { continue }
                term.cursor.pointee.readPositions(slot, into: &positions)
                if term.cursor.pointee.failed { scope.recordCorruption(in: .positions, field: term.field) }
                for token in 0..<positions.count {
                    search.starts[i].append(Int(positions[token]) - place.offset)
                }
            }
            if search.starts[i].isEmpty { return 0 }
            if terms[i].count > 1 { search.starts[i].sort() }
        }
        var sum = 0.0
        search.forEach { span, _ in sum += 1 / Double(1 + span) }
        return Float(sum)
    }
}
