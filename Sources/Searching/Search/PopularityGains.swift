package import Segments

/// The gain of one number of a document in its popularity.
package struct PopularityGain: Sendable, Equatable {
    /// The signal.
    package var signal: Popularity.Signal
    /// The document's number; nil if it has none.
    package var number: Double?
    /// The gain; for a sold-out document the loss.
    package var gain: Double
}

extension IndexReader {
    /// Returns what the numbers of a document, which must be below `documents`, gain, in the order of the signals.
    ///
    /// Errors: `request` for a field that is no number field, `corrupt`.
    package func gains(_ popularity: Popularity, document: Int) throws(IndexError) -> [PopularityGain] {
        let segmentIndex = bases.lastIndex { $0 <= document } ?? 0
        var gains: [PopularityGain] = []
        for signal in popularity.signals {
            let field = try numberField(signal.field)
            let key = try column(segmentIndex, .field(field)).key(document - bases[segmentIndex])
            let number = key.flatMap { key in NumberCodec(schema.fields[field])?.number(key) }
            gains.append(PopularityGain(signal: signal, number: number, gain: number.map { signal.gain($0) } ?? 0))
        }
        return gains
    }
}
