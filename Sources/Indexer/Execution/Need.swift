/// Scores that are at least some number, as the least sum that rounds to one of them.
///
/// Sums are made in double precision and rounded once; a sum below the middle between a float and the one before it
/// rounds to less than that float.
@inline(__always)
func leastSum(roundingTo score: Float) -> Double {
    if score <= 0 { return -.infinity }
    return (Double(score.nextDown) + Double(score)) / 2
}

/// The least float that is not below a number.
@inline(__always)
func leastFloat(from number: Double) -> Float {
    let near = Float(number)
    return Double(near) < number ? near.nextUp : near
}

/// What is left of `need` when other clauses may add up to `rest`; a little less, because the difference is rounded.
@inline(__always)
func remaining(_ need: Double, _ rest: Double) -> Double { need - rest - abs(need) * 1e-12 }
