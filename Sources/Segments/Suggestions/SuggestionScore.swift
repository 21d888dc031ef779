import Glibc

/// The score by which suggestions are ordered: the popularity of the text.
///
/// Units: 256 are a doubling of the weight. Scores are computed when a segment is written; a search subtracts what the
/// place, the kind and the liberties of a match cost.
package enum SuggestionScore {
    /// A doubling of the weight.
    package static let doubling = 256
    /// The maximum that the length of a text costs.
    private static let maxLengthCost = 63

    /// Returns the score of a text.
    ///
    /// `weight` is the greatest weight of the documents that have the text, 0 for none; `length` is in bytes.
    package static func score(weight: Double, length: Int) -> UInt16 {
        let popularity = weight > 0 ? log2(1 + min(weight, 1e15)) * Double(doubling) : 0
        return UInt16(clamping: maxLengthCost + Int(popularity) - min(length / 4, maxLengthCost))
    }
}
