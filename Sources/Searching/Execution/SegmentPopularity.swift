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

    /// Returns the factor of a document.
    func factor(_ document: Int) -> Double {
        var sum = Popularity.Sum()
        for signal in signals {
            if let key = signal.column.key(document) { sum.add(signal.gain, signal.gain(signal.codec.number(key))) }
        }
        return sum.factor
    }

    /// Returns an upper bound of the factors of a range of documents, from the zones of the columns.
    ///
    /// Complexity: O(signals · zones of the range); O(1) for the range of the last call.
    func greatestFactor(_ documents: Range<Int>) -> Double {
        if documents.lowerBound == window { return windowFactor }
        var sum = Popularity.Sum()
        for signal in signals {
            if let patch = signal.column.patch, patch.mayContain(documents) {
                sum.add(signal.gain, signal.gain.greatest)
                continue
            }
            guard let column = signal.column.column else { continue }
            let isLoss = signal.isLoss
            // A document without a value loses nothing.
            if isLoss, !column.isComplete { continue }
            var gain: Double?
            let zoneSize = NumberColumn.zoneSize
            for zone in documents.lowerBound / zoneSize...(documents.upperBound - 1) / zoneSize
            where zone * zoneSize < column.count {
                guard let keys = column.zone(zone) else { continue }
                let numbers = signal.codec.number(keys.lowerBound)...signal.codec.number(keys.upperBound)
                let greatest = signal.gain.greatest(numbers)
                gain = isLoss ? min(gain ?? greatest, greatest) : max(gain ?? greatest, greatest)
            }
            sum.add(signal.gain, gain ?? 0)
        }
        window = documents.lowerBound
        windowFactor = sum.factor
        return windowFactor
    }
}
