import Searching
import Segments

extension QueryContext {
    /// The popularity of the catalog's documents, with ages as they are on a day since 1970; nil if the profile has no
    /// signals.
    ///
    /// Errors: `corrupt`. Complexity: O(segments · zones) for a rating without a scale.
    func popularity(onDay day: Int) throws(IndexError) -> Popularity? {
        var signals: [Popularity.Signal] = []
        for signal in profile.popularity ?? PopularitySignal.inferred(reader.schema) {
            guard let field = reader.schema.field(signal.field) else { continue }
            signals.append(Popularity.Signal(signal.field, try gain(signal, field.field, field.index, day)))
        }
        return signals.isEmpty ? nil : Popularity(signals)
    }

    /// The gain of the values of a signal.
    private func gain(
        _ signal: PopularitySignal, _ field: Field, _ index: Int, _ day: Int
    ) throws(IndexError) -> Popularity.Gain {
        switch signal.kind {
        case .count: return .count(perTenfold: signal.gain, most: signal.gain * PopularitySignal.mostTenfolds)
        case .rank: return .rank(perTenfold: signal.gain, last: signal.scale ?? 1_000_000)
        case .rating:
            if let scale = signal.scale { return .linear(best: signal.gain, from: 0, to: scale) }
            return .linear(best: signal.gain, from: 0, to: try ratingScale(index))
        case .recency:
            let years = signal.scale ?? 5
            let year = 365.25
            if field.type == .date {
                return .recency(newest: signal.gain, now: Double(day) * 8.64e7, halfLife: years * year * 8.64e7)
            }
            return .recency(newest: signal.gain, now: (1970 + Double(day) / year).rounded(.down), halfLife: years)
        case .stock: return .soldOut(loss: signal.gain)
        }
    }

    /// The best rating that a field can have: 5, 10 or 100, by its greatest one.
    private func ratingScale(_ field: Int) throws(IndexError) -> Double {
        guard let codec = NumberCodec(reader.schema.fields[field]) else { return 100 }
        var greatest = 0.0
        for (segmentIndex, segment) in reader.segments.enumerated() {
            let column = try reader.column(segmentIndex, .field(field)).column
            guard let keys = column?.keys(documents: segment.documents) else { continue }
            greatest = max(greatest, codec.number(keys.upperBound))
        }
        return greatest <= 5 ? 5 : greatest <= 10 ? 10 : 100
    }
}
