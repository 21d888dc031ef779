import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// What a document's score is multiplied by.
///
/// Values below 0, and those that are no number, count as 0; the product of all functions of a query counts as
/// `greatest` at most.
public enum ScoreFunction: Sendable, Equatable {
    /// The number of a field times `factor`, made flatter or steeper; `missing` for documents without one.
    case value(field: String, factor: Double, Modifier, missing: Double)
    /// How near the number of a field is to one that is wanted; 1 for documents without one.
    case decay(field: String, Decay)
    /// A weight for documents that match a query; 1 for others. Below 1 it demotes them.
    case weight(Double, Query)

    /// The greatest product.
    public static let greatest = 1e6
    /// Most functions of a query.
    public static let most = 16

    /// What is done to a number before it counts.
    public enum Modifier: String, Sendable, CaseIterable {
        /// Nothing.
        case none
        /// The decimal logarithm of 1 and the number.
        case log1p
        /// The natural logarithm of 1 and the number.
        case ln1p
        /// The square root.
        case sqrt
        /// The square.
        case square
        /// One divided by it.
        case reciprocal

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

    /// How a value falls with the distance from a number.
    public struct Decay: Sendable, Equatable {
        /// How it falls.
        public enum Shape: String, Sendable, CaseIterable {
            /// Slowly at first: a bell.
            case gauss
            /// Quickly at first.
            case exponential
            /// Straight down to 0.
            case linear
        }

        /// The shape.
        public var shape: Shape
        /// The number that is wanted: dates in milliseconds since 1970, amounts in their currency.
        public var origin: Double
        /// Up to this distance nothing falls.
        public var offset: Double
        /// At this distance, behind the offset, the value is `decay`.
        public var scale: Double
        /// Between 0 and 1.
        public var decay: Double

        /// A value that falls to a half at a distance of `scale`, unless told otherwise.
        public init(_ shape: Shape, origin: Double, offset: Double = 0, scale: Double, decay: Double = 0.5) {
            self.shape = shape
            self.origin = origin
            self.offset = offset
            self.scale = scale
            self.decay = decay
        }

        func callAsFunction(_ value: Double) -> Double {
            let distance = max(abs(value - origin) - offset, 0)
            switch shape {
            case .gauss: return exp(log(decay) * (distance / scale) * (distance / scale))
            case .exponential: return exp(log(decay) * (distance / scale))
            case .linear: return max(1 - (1 - decay) * (distance / scale), 0)
            }
        }

        /// Whether its parameters can be used.
        var isUsable: Bool {
            origin.isFinite && offset >= 0 && offset.isFinite && scale > 0 && scale.isFinite && decay > 0 && decay < 1
        }
    }
}
