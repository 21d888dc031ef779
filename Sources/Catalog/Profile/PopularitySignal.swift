import Segments

/// A number field that says how much a document is wanted, and what its values gain in the ranking.
///
/// ```json
/// {"field": "rating_count", "kind": "count", "gain": 0.15}
/// {"field": "stock", "kind": "stock", "gain": 1}
/// ```
package struct PopularitySignal: Codable, Sendable, Equatable {
    /// The meaning of a field's numbers.
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// A count of what people did: votes, sales, downloads. `gain` is for each power of ten of 1 + the count.
        case count
        /// A rank, 1 for the best. `gain` is for each power of ten that the rank is nearer to 1 than `scale`.
        case rank
        /// A rating. `gain` is for a rating of `scale` or better, in a straight line from 0.
        case rating
        /// A date, or a year. `gain` is for today's, half of it at an age of `scale` years.
        case recency
        /// The number of pieces in stock, or whether there are any. `gain` is the share of the score that is lost
        /// without any; with 1 such documents come after all others of their tier.
        case stock

        /// The gain, if the profile does not say.
        var gain: Double {
            switch self {
            case .count, .rank: 0.15
            case .rating: 0.05
            case .recency: 0.1
            case .stock: 1
            }
        }
    }

    /// The name of the number field.
    package var field: String
    /// The meaning of its numbers.
    package var kind: Kind
    /// The gain; from 0 to 1.
    package var gain: Double
    /// The scale of a rank (1,000,000 by default), of a rating (by default 5, 10 or 100, as the catalog's greatest one
    /// has it), or of an age (5 by default); nil for the default.
    package var scale: Double?

    /// The number of powers of ten above which counts gain no more.
    static let mostTenfolds = 7.0
    /// The range of the gains of a profile.
    static let gains = 0.0...1.0

    enum CodingKeys: String, CodingKey, CaseIterable {
        case field, kind, gain, scale
    }

    /// A signal with the gain of its kind.
    init(_ field: String, _ kind: Kind) {
        self.field = field
        self.kind = kind
        gain = kind.gain
    }

    /// Decodes a signal; unknown members are an error.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(try values.decode(String.self, forKey: .field), try values.decode(Kind.self, forKey: .kind))
        gain = try values.decodeIfPresent(Double.self, forKey: .gain) ?? gain
        guard Self.gains.contains(gain) else {
            throw DecodingError.dataCorruptedError(
                forKey: .gain, in: values, debugDescription: "\(gain) is not between 0 and 1")
        }
        scale = try values.decodeIfPresent(Double.self, forKey: .scale)
        guard scale.map({ $0 > 0 && $0 <= 1e12 && (kind != .rank || $0 >= 1) }) ?? true else {
            throw DecodingError.dataCorruptedError(
                forKey: .scale, in: values, debugDescription: "a scale is above 0, that of a rank at least 1")
        }
    }

    /// The signals of a schema, from the names of its number fields: counts, ranks, the rating and the stock.
    static func inferred(_ schema: Schema) -> [PopularitySignal] {
        var signals: [PopularitySignal] = []
        var kinds: [Kind: Int] = [:]
        for field in schema.fields where field.hasNumbers && field.type != .date && field.type != .price {
            guard let kind = MemberRole.popularityKind(field.name) else { continue }
            // A catalog counts people in several ways, but has one rating and one stock.
            let most = kind == .count || kind == .rank ? maxCounts : 1
            if kinds[kind, default: 0] < most { signals.append(PopularitySignal(field.name, kind)) }
            kinds[kind, default: 0] += 1
        }
        return signals
    }

    /// The maximum number of counts, and of ranks, that are inferred.
    private static let maxCounts = 4
}
