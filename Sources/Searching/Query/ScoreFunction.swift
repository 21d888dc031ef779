import Glibc

/// A factor that a document's score is multiplied by.
///
/// Values below 0 and NaN count as 0. The product of all functions of a query is capped at `maxProduct`, which keeps
/// the upper bounds that skipping needs finite. Functions are computed in double precision, the product is rounded to a
/// float.
///
/// ```swift
/// let recent = ScoreFunction.decay(
///     field: "added", .init(.gauss, origin: now, scale: 30 * 86_400_000))
/// let query = Query.functionScore(.term(field: "title", "fox"), by: [recent])
/// ```
public enum ScoreFunction: Sendable, Equatable {
    /// The value of a number field times `factor`, passed through a modifier; `missing`, 0 to `maxProduct`, for
    /// documents without a value.
    case value(field: String, factor: Double, Modifier, missing: Double)
    /// The nearness of a number field's value to an origin, 0 to 1; 1 for documents without a value.
    case decay(field: String, Decay)
    /// A weight, 0 to `maxProduct`, for documents that match a query; 1 for other documents. A weight below 1 demotes.
    case weight(Double, Query)
    /// How much a document is wanted, by several number fields; 1 for documents without values.
    case popularity(Popularity)

    /// The upper limit of a single function and of the product of all functions of a query.
    public static let maxProduct = 1e6
    /// The maximum number of functions of one `Query.functionScore`.
    public static let maxFunctions = 16

    /// A function applied to a field's value before it is used as a factor.
    public enum Modifier: String, Sendable, CaseIterable {
        /// The value itself.
        case none
        /// The decimal logarithm of 1 plus the value.
        case log1p
        /// The natural logarithm of 1 plus the value.
        case ln1p
        /// The square root.
        case sqrt
        /// The square.
        case square
        /// One divided by the value.
        case reciprocal

        /// Applies the modifier. The result may be negative, infinite or NaN; callers clamp it.
        func callAsFunction(_ value: Double) -> Double {
            switch self {
            case .none: value
            case .log1p: log10(1 + value)
            case .ln1p: log(1 + value)
            case .sqrt: value.squareRoot()
            case .square: value * value
            case .reciprocal: 1 / value
            }
        }
    }

    /// A factor that falls with the distance from an origin: 1 up to a distance of `offset`, `decay` at
    /// `offset + scale`.
    public struct Decay: Sendable, Equatable {
        /// The shape of the curve.
        public enum Shape: String, Sendable, CaseIterable {
            /// A bell curve: falls slowly at first.
            case gauss
            /// An exponential curve: falls quickly at first.
            case exponential
            /// A straight line down to 0.
            case linear
        }

        /// The shape of the curve.
        public var shape: Shape
        /// The value that gets the factor 1: dates in milliseconds since 1970, prices in units of their currency.
        public var origin: Double
        /// The distance up to which the factor stays 1; at least 0.
        public var offset: Double
        /// The distance beyond `offset` at which the factor is `decay`; above 0.
        public var scale: Double
        /// The factor at a distance of `offset + scale`; between 0 and 1, both excluded.
        public var decay: Double

        /// A decay that by default falls to one half at a distance of `scale`.
        public init(_ shape: Shape, origin: Double, offset: Double = 0, scale: Double, decay: Double = 0.5) {
            self.shape = shape
            self.origin = origin
            self.offset = offset
            self.scale = scale
            self.decay = decay
        }

        /// The factor for a value.
        func callAsFunction(_ value: Double) -> Double {
            let distance = max(abs(value - origin) - offset, 0)
            switch shape {
            case .gauss: return exp(log(decay) * (distance / scale) * (distance / scale))
            case .exponential: return exp(log(decay) * (distance / scale))
            case .linear: return max(1 - (1 - decay) * (distance / scale), 0)
            }
        }

        /// True if all parameters are finite and in their ranges.
        var isUsable: Bool {
            origin.isFinite && offset >= 0 && offset.isFinite && scale > 0 && scale.isFinite && decay > 0 && decay < 1
        }
    }
}
