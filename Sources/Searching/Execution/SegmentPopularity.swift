import Segments

/// The popularity of the documents of a segment, read from its columns.
final class SegmentPopularity {
    /// A signal with its column.
    private struct BoundSignal {
        var gain: Popularity.Gain
        var isLoss: Bool
        var column: PatchedColumn
        var codec: NumberCodec
    }

    private let signals: [BoundSignal]
    /// An upper bound of the factors of the segment.
    let greatestFactor: Double
    /// The window whose bound is known, and the bound.
    private var window = -1
    private var windowFactor = 0.0

    /// Binds a popularity to the columns of its signals, in their order.
    init(_ popularity: Popularity, _ columns: [(PatchedColumn, NumberCodec)]) {
        greatestFactor = popularity.greatestFactor
        // A column without values gains nothing.
        signals = zip(popularity.signals, columns).map { signal, column in
            BoundSignal(gain: signal.gain, isLoss: signal.isLoss, column: column.0, codec: column.1)
        }
        .filter { $0.column.column != nil || $0.column.patch != nil }
    }

    /// Multiplies the scores of candidates, whose slots begin at the document `start`, by their factors. Column by
    /// column, so that the inner loop does not look for its column.
    ///
    /// Complexity: O(signals · candidates).
    func multiply(_ start: Int, _ list: CandidateList, _ scope: SegmentScope) {
        let count = list.count
        guard count > 0, !signals.isEmpty else { return }
        scope.withList { demand in
            scope.withList { others in
                scope.withList { kept in
                    demand.scores.update(repeating: 0, count: count)
                    others.scores.update(repeating: 0, count: count)
                    kept.scores.update(repeating: 1, count: count)
                    for signal in signals { add(signal, start, list, (demand.scores, others.scores, kept.scores)) }
                    for i in 0..<count {
                        list.scores[i] *= (1 + demand.scores[i] + others.scores[i]) * kept.scores[i]
                    }
                }
            }
        }
    }

    /// The parts of `Popularity.Sum` of the candidates of a list.
    private typealias Sums = (
        demand: UnsafeMutablePointer<Double>, others: UnsafeMutablePointer<Double>, kept: UnsafeMutablePointer<Double>
    )

    /// Adds what the candidates of a list gain or lose by one signal, as `Popularity.Sum` does for one document.
    private func add(_ signal: BoundSignal, _ start: Int, _ list: CandidateList, _ sums: Sums) {
        let (slots, count) = (list.slots, list.count)
        let (gain, codec, column) = (signal.gain, signal.codec, signal.column.column)
        let documents = start..<start &+ Int(slots[count &- 1]) &+ 1
        let patch = signal.column.patch.flatMap { $0.mayContain(documents) ? $0 : nil }
        // The bits of the patched ones among the 64 documents around the last candidate.
        var (patched, patchedWord): (UInt64, Int) = (0, -1)
        for i in 0..<count {
            let document = start &+ Int(slots[i])
            var key = column?.key(document)
            if let patch {
                if document >> 6 != patchedWord {
                    patchedWord = document >> 6
                    patched = patch.bits(from: patchedWord << 6)
                }
                if patched >> UInt64(document & 63) & 1 != 0, let changed = patch.value(document) { key = changed }
            }
            guard let key else { continue }
            let value = gain(codec.number(key))
            switch gain {
            case .count, .rank: sums.demand[i] = max(sums.demand[i], value)
            case .linear, .recency: sums.others[i] += value
            case .soldOut: sums.kept[i] = max(sums.kept[i] * (1 - value), Popularity.lastFactor)
            }
        }
    }

    /// Returns an upper bound of the factors of a range of documents, from the zones of the columns and the bounds of
    /// what was patched.
    ///
    /// Complexity: O(signals · zones of the range); O(1) for the range of the last call.
    func greatestFactor(_ documents: Range<Int>) -> Double {
        if documents.lowerBound == window { return windowFactor }
        var sum = Popularity.Sum()
        for signal in signals {
            let isLoss = signal.isLoss
            let (column, patch) = (signal.column.column, signal.column.patch)
            // A document without a value loses nothing, and a patch may have removed it.
            if isLoss, !(column?.isComplete ?? false) || patch?.mayContain(documents) ?? false { continue }
            var gain: Double?
            func add(_ keys: ClosedRange<UInt64>?) {
                guard let keys else { return }
                let numbers = signal.codec.number(keys.lowerBound)...signal.codec.number(keys.upperBound)
                let greatest = signal.gain.greatest(numbers)
                gain = isLoss ? min(gain ?? greatest, greatest) : max(gain ?? greatest, greatest)
            }
            add(patch?.keys(of: documents))
            if let column {
                let zoneSize = NumberColumn.zoneSize
                for zone in documents.lowerBound / zoneSize...(documents.upperBound - 1) / zoneSize
                where zone * zoneSize < column.count { add(column.zone(zone)) }
            }
            sum.add(signal.gain, gain ?? 0)
        }
        window = documents.lowerBound
        windowFactor = sum.factor
        return windowFactor
    }
}
