/// A lower bound of the sums that round to at least `score`; minus infinity if `score` is not above 0.
///
/// Scores are summed in double precision and rounded to a float once. A sum below the midpoint between a float and its
/// predecessor rounds to less than that float, so the midpoint is what a sum has to reach.
@inline(__always)
func minSum(roundingTo score: Float) -> Double {
    if score <= 0 { return -.infinity }
    return (Double(score.nextDown) + Double(score)) / 2
}

/// The minimum float that is not below a number.
@inline(__always)
func minFloat(from number: Double) -> Float {
    let nearest = Float(number)
    return Double(nearest) < number ? nearest.nextUp : nearest
}

/// The score that a clause must reach for a sum of `minScore` if the other clauses can add at most `othersBound`.
///
/// The result is a little too small rather than too large, because the difference is rounded.
@inline(__always)
func remaining(_ minScore: Double, _ othersBound: Double) -> Double {
    minScore - othersBound - abs(minScore) * 1e-12
}
