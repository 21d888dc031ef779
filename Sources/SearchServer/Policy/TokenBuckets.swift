/// The token buckets of many callers, each with a limit of its own of the same rate. Not thread-safe.
///
/// A bucket is the time at which it will be full again (the generic cell rate algorithm): one that is full need not be
/// kept. Buckets that nobody has touched for the time in which one fills from its greatest debt are forgotten;
/// `maxBuckets` bounds the others, beyond which the oldest half is forgotten early.
struct TokenBuckets<Caller: Hashable & Sendable>: Sendable {
    /// The rate of each bucket.
    let rate: RequestRate
    private let maxBuckets: Int
    /// The times at which buckets are full again: those touched since `turn`, and those touched in the time before.
    private var recent: [Caller: ContinuousClock.Instant] = [:]
    private var older: [Caller: ContinuousClock.Instant] = [:]
    private var turn: ContinuousClock.Instant

    /// The most tokens that `charge` takes at once.
    static var maxCharge: Int { 16 }

    /// Creates full buckets.
    init(_ rate: RequestRate, maxBuckets: Int = 1 << 17, now: ContinuousClock.Instant = .now) {
        self.rate = rate
        self.maxBuckets = maxBuckets
        turn = now
    }

    /// The number of buckets that are kept.
    var count: Int { recent.count + older.count }

    /// Takes a token from the bucket of a caller. Returns nil, or, if there is none, the time after which there is one.
    ///
    /// Complexity: O(1), amortized.
    mutating func take(of caller: Caller, now: ContinuousClock.Instant = .now) -> Duration? {
        let next = fullTime(of: caller, now) + rate.interval
        let fillTime = rate.interval * rate.burst
        if next > now + fillTime { return next - (now + fillTime) }
        set(next, of: caller)
        return nil
    }

    /// Takes more tokens for what was let in by `take`, at most `maxCharge`: if there are too few, the bucket is in
    /// debt.
    mutating func charge(_ tokens: Int, of caller: Caller, now: ContinuousClock.Instant = .now) {
        set(fullTime(of: caller, now) + rate.interval * min(tokens, Self.maxCharge), of: caller)
    }

    /// The time at which the bucket of a caller is full.
    private mutating func fullTime(of caller: Caller, _ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let keptTime = rate.interval * (rate.burst + Self.maxCharge)
        if now >= turn + keptTime || recent.count * 2 >= maxBuckets {
            older = now >= turn + keptTime * 2 ? [:] : recent
            recent = [:]
            turn = now
        }
        return max(recent[caller] ?? older[caller] ?? now, now)
    }

    private mutating func set(_ time: ContinuousClock.Instant, of caller: Caller) {
        recent[caller] = time
        older[caller] = nil
    }
}
