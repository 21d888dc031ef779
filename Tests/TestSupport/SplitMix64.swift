import FoundationEssentials

/// A seeded random number generator, so that a failing test fails again.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator of the sequence that belongs to `seed`.
    public init(seed: UInt64) { state = seed }

    /// `seed`, or another seed for each value of the environment variable `QUIRE_SEED`, so that repeated runs test
    /// other cases.
    public static func varied(_ seed: UInt64) -> UInt64 {
        seed &+ 1000 &* (ProcessInfo.processInfo.environment["QUIRE_SEED"].flatMap { UInt64($0) } ?? 0)
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// Random bytes, eight from each number.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count + 8) { buffer, initialized in
            var offset = 0
            while offset < count {
                UnsafeMutableRawPointer(buffer.baseAddress! + offset).storeBytes(of: next(), as: UInt64.self)
                offset += 8
            }
            initialized = count
        }
    }

    /// A number in `0 ..< bound`; `bound` must be positive.
    public mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// True in `percent` of a hundred cases.
    public mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    /// A random element; `elements` must not be empty.
    public mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A number in `0 ..< bound` that is likely to be small (log-uniform, close to Zipf's law).
    public mutating func skewed(below bound: Int) -> Int {
        let exponent = Double(next() >> 11) / Double(1 << 53)
        var power = 1.0
        var base = Double(bound + 1)
        // bound^exponent by square roots, so that no mathematics library is needed and every platform agrees.
        var rest = exponent
        for _ in 0..<24 {
            base = base.squareRoot()
            rest *= 2
            if rest >= 1 {
                power *= base
                rest -= 1
            }
        }
        return min(Int(power) - 1, bound - 1)
    }
}
