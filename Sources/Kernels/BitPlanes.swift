// Bit planes: the numbers of several bit windows in which each bit is set. Plane `p` has the bit of value 2^p of each
// number; planes follow each other, `words` words each. No bounds are checked.

/// Adds one to the numbers of the bits that are set. The planes must have room for the sums.
///
/// Complexity: O(words).
@inlinable
public func addBits(_ bits: UnsafePointer<UInt64>, toPlanes planes: UnsafeMutablePointer<UInt64>, words: Int) {
    for word in 0..<words {
        var carry = bits[word]
        var place = word
        while carry != 0 {
            let plane = planes[place]
            planes[place] = plane ^ carry
            carry &= plane
            place &+= words
        }
    }
}

/// Adds to `counts[n]`, for each n above 0, how many of the bits of `mask` have the number n in `planeCount` planes.
///
/// Complexity: O(words · greatest number) for words of `mask` that are not 0.
@inlinable
public func countPlanes(
    _ planes: UnsafePointer<UInt64>, _ planeCount: Int, among mask: UnsafePointer<UInt64>, words: Int,
    into counts: UnsafeMutablePointer<Int>
) {
    for word in 0..<words where mask[word] != 0 {
        countPlanes(planes + word, planeCount, mask[word], words, value: 0, counts)
    }
}

/// Divides the bits of one word by each plane, from the highest one on, and counts those of each number.
@usableFromInline
func countPlanes(
    _ planes: UnsafePointer<UInt64>, _ planeCount: Int, _ bits: UInt64, _ words: Int, value: Int,
    _ counts: UnsafeMutablePointer<Int>
) {
    if bits == 0 { return }
    if planeCount == 0 {
        if value > 0 { counts[value] &+= bits.nonzeroBitCount }
        return
    }
    let plane = planes[(planeCount &- 1) &* words]
    countPlanes(planes, planeCount &- 1, bits & plane, words, value: value &* 2 &+ 1, counts)
    countPlanes(planes, planeCount &- 1, bits & ~plane, words, value: value &* 2, counts)
}

/// Adds the bits whose number in `planeCount` planes is at least `minimum` to `bits`.
///
/// Complexity: O(words · planes).
@inlinable
public func uniteBits(
    _ bits: UnsafeMutablePointer<UInt64>, withPlanes planes: UnsafePointer<UInt64>, _ planeCount: Int,
    atLeast minimum: Int, words: Int
) {
    if minimum >> planeCount != 0 { return }
    for word in 0..<words {
        // The bits that are above `minimum` by the planes so far, and those that are equal to it.
        var greater: UInt64 = 0
        var equal = UInt64.max
        for plane in stride(from: planeCount &- 1, through: 0, by: -1) {
            let digits = planes[plane &* words &+ word]
            if minimum >> plane & 1 == 1 {
                equal &= digits
            } else {
                greater |= equal & digits
                equal &= ~digits
            }
        }
        bits[word] |= greater | equal
    }
}
