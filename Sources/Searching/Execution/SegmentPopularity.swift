import Segments

/// The popularity of the documents of a segment, read from its columns.
final class SegmentPopularity {
    /// A signal with its column.
    private struct Signal {
        var gain: Popularity.Gain
        var column: PatchedColumn
        var codec: NumberCodec
    }

    private let signals: [Signal]
    /// An upper bound of the factors of the segment.
    let greatestFactor: Double
    /// The window whose bound is known, and the bound.
    private var window = -1
    private var windowFactor = 0.0

    /// Binds a popularity to the columns of its signals, in their order.
    init(_ popularity: Popularity, _ columns: [(PatchedColumn, NumberCodec)]) {
        greatestFactor = popularity.greatestFactor
        // A column without values gains nothing.
        signals = zip(popularity.signals, columns).map { Signal(gain: $0.gain, column: $1.0, codec: $1.1) }
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
            if case .soldOut = signal.gain { continue }
            if let patch = signal.column.patch, patch.mayContain(documents) {
                sum.add(signal.gain, signal.gain.greatest)
                continue
            }
            guard let column = signal.column.column else { continue }
            var gain = 0.0
            let zones = documents.lowerBound / NumberColumn.zoneSize...(documents.upperBound - 1) / NumberColumn.zoneSize
            for zone in zones where zone * NumberColumn.zoneSize < column.count {
                guard let keys = column.zone(zone) else { continue }
                let numbers = signal.codec.number(keys.lowerBound)...signal.codec.number(keys.upperBound)
                gain = max(gain, signal.gain.greatest(numbers))
            }
            sum.add(signal.gain, gain)
        }
        window = documents.lowerBound
        windowFactor = sum.factor
        return windowFactor
    }
}
