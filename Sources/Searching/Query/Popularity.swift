import Glibc

/// A factor by numbers that say how much a document is wanted: votes, sales, downloads, a rank, a rating, its age, its
/// stock.
///
/// The factor is 1 plus the greatest gain of the counts and ranks, which all measure the same, plus the gains of all
/// other signals, times one minus the loss of each signal that a sold-out document has. A missing value gains nothing,
/// so that a document without numbers has the factor 1. The factor is above 0 and at most `greatestFactor`.
///
/// ```swift
/// let popularity = Popularity([
///     .init("votes", .count(perTenfold: 0.15, most: 1)), .init("stock", .soldOut(loss: 0.5)),
/// ])
/// popularity.factor { $0 == 0 ? 999 : 3 }   // 1.45: 999 votes, three of them in stock
/// ```
public struct Popularity: Sendable, Equatable {
    /// A number field with the gain of its values.
    public struct Signal: Sendable, Equatable {
        /// The name of the number field.
        public var field: String
        /// The gain of a value of it.
        public var gain: Gain

        /// A signal of a number field.
        public init(_ field: String, _ gain: Gain) {
            self.field = field
            self.gain = gain
        }

        /// True for what a document can lose, a stock.
        package var isLoss: Bool { if case .soldOut = gain { true } else { false } }
    }

    /// The gain of a number. All parameters are finite and at least 0; `most` and all gains are at most `maxGain`.
    public enum Gain: Sendable, Equatable {
        /// `perTenfold` for each power of ten that 1 + the number has, at most `most`: votes, sales, downloads.
        case count(perTenfold: Double, most: Double)
        /// `perTenfold` for each power of ten that the number is nearer to 1 than `last`: a rank, 1 for the best.
        case rank(perTenfold: Double, last: Double)
        /// 0 at `from`, `best` at `to` or above, in a straight line: a rating.
        case linear(best: Double, from: Double, to: Double)
        /// `newest` at `now` or later, half of that at a distance of `halfLife`: a date or a year.
        case recency(newest: Double, now: Double, halfLife: Double)
        /// A loss, as a share of the score from 0 to 1, for numbers of at most 0: a stock. With a loss of 1 such
        /// documents come after all others, in their order: what is left is `lastFactor`.
        case soldOut(loss: Double)
    }

    /// The signals, each of a field of its own.
    public var signals: [Signal]

    /// The maximum gain of one signal.
    public static let maxGain = 100.0
    /// The factor of what comes last, and the least one of all losses together. With weights of fields and boosts that
    /// are less than a million times apart, the scores of a query are closer to each other than that: a word that a
    /// million documents have scores above 1e-9, all clauses together below 1e5. Floats keep their digits down there.
    public static let lastFactor = 0x1p-48
    /// The maximum number of signals.
    public static let maxSignals = 16

    /// A factor by some signals.
    public init(_ signals: [Signal]) { self.signals = signals }

    /// An upper bound of the factors of all documents.
    public var greatestFactor: Double {
        var sum = Sum()
        for signal in signals { sum.add(signal.gain, signal.gain.greatest) }
        return sum.factor
    }

    /// Returns the factor for the values of the fields, in the order of the signals; nil for a missing value.
    public func factor(_ value: (_ signal: Int) -> Double?) -> Double {
        var sum = Sum()
        for (i, signal) in signals.enumerated() {
            if let number = value(i) { sum.add(signal.gain, signal.gain(number)) }
        }
        return sum.factor
    }

    /// The gains of several signals, added up.
    struct Sum {
        private var demand = 0.0
        private var others = 0.0
        private var kept = 1.0

        /// Adds what a number gains or loses by one signal.
        @inline(__always)
        mutating func add(_ gain: Gain, _ value: Double) {
            switch gain {
            case .count, .rank: demand = max(demand, value)
            case .linear, .recency: others += value
            case .soldOut: kept = max(kept * (1 - value), Popularity.lastFactor)
            }
        }

        /// The factor.
        @inline(__always)
        var factor: Double { (1 + demand + others) * kept }
    }
}

extension Popularity.Gain {
    /// The gain of a number, or the loss of a sold-out one; NaN gains nothing.
    func callAsFunction(_ number: Double) -> Double {
        switch self {
        case .count(let perTenfold, let most): number > 0 ? min(perTenfold * log10(1 + number), most) : 0
        case .rank(let perTenfold, let last):
            number >= 1 && number < last ? perTenfold * log10(last / number) : 0
        case .linear(let best, let from, let to):
            number > from ? (number < to ? best * ((number - from) / (to - from)) : best) : 0
        case .recency(let newest, let now, let halfLife):
            number < now ? newest * exp2((number - now) / halfLife) : number >= now ? newest : 0
        case .soldOut(let loss): number <= 0 ? loss : 0
        }
    }

    /// The greatest gain of any number; 0 for a loss.
    var greatest: Double {
        switch self {
        case .count(_, let most): most
        case .rank(let perTenfold, let last): perTenfold * log10(max(last, 1))
        case .linear(let best, _, _): best
        case .recency(let newest, _, _): newest
        case .soldOut: 0
        }
    }

    /// The greatest gain, or the least loss, of the numbers of a range.
    func greatest(_ numbers: ClosedRange<Double>) -> Double {
        switch self {
        case .count, .linear, .recency, .soldOut: self(numbers.upperBound)
        case .rank: self(min(max(numbers.lowerBound, 1), numbers.upperBound))
        }
    }

    /// True if all parameters are finite and in their ranges.
    var isUsable: Bool {
        func isGain(_ value: Double) -> Bool { value >= 0 && value <= Popularity.maxGain }
        switch self {
        case .count(let perTenfold, let most): return isGain(perTenfold) && isGain(most)
        case .rank(let perTenfold, let last):
            return isGain(perTenfold) && last >= 1 && last.isFinite && isGain(greatest)
        case .linear(let best, let from, let to): return isGain(best) && from < to && (to - from).isFinite
        case .recency(let newest, let now, let halfLife):
            return isGain(newest) && now.isFinite && halfLife > 0 && halfLife.isFinite
        case .soldOut(let loss): return loss >= 0 && loss <= 1
        }
    }
}
