/// The token buckets of many callers, each with a limit of its own of the same rate. Not thread-safe.
///
/// A bucket is the time at which it will be full again (the generic cell rate algorithm): one that is full need not be
/// kept. Buckets that nobody has touched for the time in which one fills are forgotten; `maxBuckets` bounds the others,
/// beyond which the oldest half is forgotten early.
struct TokenBuckets<Caller: Hashable & Sendable>: Sendable {
    /// The rate of each bucket.
    let rate: RequestRate
    private let maxBuckets: Int
    /// The times at which buckets are full again: those touched since `turn`, and those touched in the time before.
    private var recent: [Caller: ContinuousClock.Instant] = [:]
    private var older: [Caller: ContinuousClock.Instant] = [:]
    private var turn: ContinuousClock.Instant

    /// Creates full buckets.
    init(_ rate: RequestRate, maxBuckets: Int = 1 << 17, now: ContinuousClock.Instant = .now) {
        self.rate = rate
        self.maxBuckets = maxBuckets
        turn = now
    }

    /// The number of buckets that are kept.
    var count: Int { recent.count + older.count }

    /// Takes tokens from the bucket of a caller. Returns nil, or, if there are too few, the time after which there are
    /// enough; then none is taken. More tokens than a bucket has are taken from a full one.
    ///
    /// Complexity: O(1), amortized.
    mutating func take(
        _ tokens: Int, of caller: Caller, now: ContinuousClock.Instant = .now
    ) -> Duration? {
        let fillTime = rate.interval * rate.burst
        if now >= turn + fillTime || recent.count * 2 >= maxBuckets {
            older = now >= turn + fillTime * 2 ? [:] : recent
            recent = [:]
            turn = now
        }
        let full = max(recent[caller] ?? older[caller] ?? now, now)
        let next = full + rate.interval * min(tokens, rate.burst)
        if next > now + fillTime { return next - (now + fillTime) }
        recent[caller] = next
        older[caller] = nil
        return nil
    }
}
