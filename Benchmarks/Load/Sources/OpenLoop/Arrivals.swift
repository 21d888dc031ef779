import Glibc

/// The times at which requests are due: a rate that depends on no reply.
///
/// ```swift
/// var arrivals = Arrivals(.poisson, rate: 500, seed: 1)
/// let first = arrivals.next()   // nanoseconds after the beginning
/// ```
package struct Arrivals: Sendable {
    /// The distribution of the time between two requests.
    package enum Kind: String, Sendable, CaseIterable {
        /// Always the same time.
        case constant
        /// Exponentially distributed times: requests of many clients that do not know each other.
        case poisson
    }

    private let kind: Kind
    private let interval: Double
    private var random: SplitMix64
    private var count: UInt64 = 0
    private var last = 0.0

    /// Creates times with an average of `rate` a second; the same seed gives the same times.
    package init(_ kind: Kind, rate: Double, seed: UInt64) {
        self.kind = kind
        interval = 1e9 / rate
        random = SplitMix64(state: seed)
    }

    /// Returns the next time, in nanoseconds after the beginning.
    package mutating func next() -> UInt64 {
        switch kind {
        case .constant:
            // A product instead of a sum, whose rounding errors would add up.
            defer { count += 1 }
            return UInt64(Double(count) * interval)
        case .poisson:
            let uniform = Double.random(in: 0..<1, using: &random)
            last += -interval * log1p(-uniform)
            return UInt64(last)
        }
    }
}

/// The generator SplitMix64 (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
