/// A phrase whose words may be moved apart or exchanged, as long as they stay near each other.
///
/// Each place of the phrase is assigned a token with one of its terms; places with the same terms are assigned
/// different tokens, in the order of their positions. A token's position minus the position of its place is where the
/// phrase would start. The span of an assignment is the distance between its first and its last start: 0 for an exact
/// phrase, 1 if one word stands between two others, 2 if two neighbors are exchanged. A document matches if an
/// assignment has a span of at most `slop`.
///
/// The frequency is a sum over all starts: the narrowest assignment whose first start is there counts 1 / (1 + span) if
/// its span is at most `slop`. `SpanSearch` computes it.
///
/// ```swift
/// // "brown fox", "brown quick fox" and "fox brown" match; slop 0 would be an exact phrase.
/// let phrase = SloppyPhrase([.init(["brown"], at: 0), .init(["fox", "dog"], at: 1)], slop: 2)
/// ```
public struct SloppyPhrase: Sendable, Equatable {
    /// A place of the phrase and the terms that can fill it.
    public struct Word: Sendable, Equatable {
        /// The alternative terms; a token with any of them fills the place.
        public var terms: [String]
        /// The position relative to the other places; only differences count. Must fit in 32 bits.
        public var position: Int

        /// A place that any of the terms can fill.
        public init(_ terms: [String], at position: Int) {
            self.terms = terms
            self.position = position
        }
    }

    /// The places, in any order; at most `maxPlaces`.
    public var places: [Word]
    /// The maximum span of an assignment, 0 to `maxSlop`.
    public var slop: Int

    /// A phrase of places that are filled within a span of `slop`.
    public init(_ places: [Word], slop: Int) {
        self.places = places
        self.slop = slop
    }

    /// The maximum `slop`.
    public static let maxSlop = 1000
    /// The maximum number of places.
    public static let maxPlaces = 64
}
