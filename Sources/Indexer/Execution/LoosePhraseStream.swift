import Kernels

/// The documents in which the terms of several places stand near each other, see `LoosePhrase`.
///
/// Documents that have a term for every place are found as those of an intersection are; then positions are read.
/// Complexity of a document: O(tokens of the phrase · places).
final class LoosePhraseStream: DocumentStream {
    /// A place of the phrase.
    struct LoosePlace {
        /// Streams of its terms, with positions.
        let terms: [TermStream]
        let offset: Int
        /// Places with the same number have the same terms.
        let group: Int
    }

    let scope: SegmentScope
    var cost: Int { base.cost }
    private let base: any DocumentStream
    /// By their offsets, so that of places with the same terms the first comes first.
    private let places: [LoosePlace]
    private let slop: Int
    private let weight: TermWeight?
    /// Where the phrase would begin by each place's tokens, ascending.
    private var beginnings: [[Int]]
    private var positions = GrowableBuffer<UInt32>(capacity: 64)
    /// By group: the last beginning's position that was taken.
    private var taken: [Int]

    /// `base` matches what has a term for every place.
    init(
        _ base: any DocumentStream, _ places: [LoosePlace], slop: Int, weight: TermWeight?, _ scope: SegmentScope
    ) {
        self.scope = scope
        self.base = base
        self.places = places.sorted { $0.offset < $1.offset }
        self.slop = slop
        self.weight = weight
        beginnings = Array(repeating: [], count: places.count)
        taken = Array(repeating: 0, count: (places.map(\.group).max() ?? 0) + 1)
    }

    var widestWindow: Int { base.widestWindow }
    var countsByScoring: Bool { true }

    func nextWindow(from start: Int) -> Int? { base.nextWindow(from: start) }

    func matches(_ start: Int, into list: CandidateList) {
        list.count = 0
        base.matches(start, into: list)
        keep(start, list, weight: nil)
    }

    func match(_ start: Int, into bits: UnsafeMutablePointer<UInt64>) {
        scope.withList { list in
            matches(start, into: list)
            list.setBits(bits)
        }
    }

    func filter(_ start: Int, _ list: CandidateList) {
        base.filter(start, list)
        keep(start, list, weight: nil)
    }

    func bound(_ start: Int) -> Double { Double(weight?.weight ?? 0) }

    func collect(_ start: Int, need: Double, into list: CandidateList) {
        list.count = 0
        if bound(start) < need { return }
        base.matches(start, into: list)
        keep(start, list, weight: weight)
        list.drop(below: need)
    }

    func refine(_ start: Int, _ list: CandidateList, isRequired: Bool, need: Double) {
        if list.count == 0 { return }
        scope.withList { matching in
            for i in 0..<list.count { matching.append(Int(list.slots[i]), 0) }
            base.filter(start, matching)
            keep(start, matching, weight: weight)
            list.add(matching, isRequired: isRequired)
            list.drop(below: need)
        }
    }

    /// Keeps the candidates in which the phrase stands, and adds its score.
    private func keep(_ start: Int, _ list: CandidateList, weight: TermWeight?) {
        for place in places { for term in place.terms { term.enter(start) } }
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

    /// How often the phrase stands in a document, nearness counted.
    private func frequency(_ document: UInt32) -> Float {
        var firsts: [Int] = []
        for (i, place) in places.enumerated() {
            beginnings[i].removeAll(keepingCapacity: true)
            for term in place.terms {
                let slot = term.cursor.pointee.find(document)
                if slot < 0 { continue }
                term.cursor.pointee.readPositions(slot, into: &positions)
                for token in 0..<positions.count { beginnings[i].append(Int(positions[token]) - place.offset) }
            }
            if beginnings[i].isEmpty { return 0 }
            if place.terms.count > 1 { beginnings[i].sort() }
            firsts += beginnings[i]
        }
        firsts.sort()
        var sum = 0.0
        var last: Int?
        for first in firsts where first != last {
            last = first
            if let span = span(from: first) { sum += 1 / Double(1 + span) }
        }
        return Float(sum)
    }

    /// The narrowest span that begins just here; nil when there is none that is narrow enough.
    private func span(from first: Int) -> Int? {
        for group in taken.indices { taken[group] = .min }
        var least = Int.max
        var greatest = Int.min
        for (i, place) in places.enumerated() {
            let own = beginnings[i]
            var low = 0
            var high = own.count
            while low < high {
                let middle = (low + high) / 2
                if own[middle] < first { low = middle + 1 } else { high = middle }
            }
            // A token that an earlier place with these terms has taken is not there any more.
            while low < own.count, own[low] + place.offset <= taken[place.group] { low += 1 }
            guard low < own.count, own[low] - first <= slop else { return nil }
            taken[place.group] = own[low] + place.offset
            least = min(least, own[low])
            greatest = max(greatest, own[low])
        }
        return least == first ? greatest - first : nil
    }
}
