/// Words that stand near each other.
///
/// Each place of the phrase is taken by a token with one of its terms; places with the same terms by different tokens,
/// in the order of their positions.
/// Taking its place off a token's position tells where the phrase would begin; the span is the distance between the
/// first and the last such beginning: 0 where all stand as they should, 1 where one word stands between two others, 2
/// where two neighbours are exchanged. A document matches when a choice of tokens has a span of at most `slop`.
///
/// Its frequency is a sum over all beginnings: the narrowest choice that has this one first counts 1 / (1 + span), if
/// its span is small enough.
public struct LoosePhrase: Sendable, Equatable {
    /// A word of the phrase, or several one of which takes its place.
    public struct Word: Sendable, Equatable {
        /// Any of these.
        public var terms: [String]
        /// Where, relative to the other places.
        public var position: Int

        /// A place that any of some terms can take.
        public init(_ terms: [String], at position: Int) {
            self.terms = terms
            self.position = position
        }
    }

    /// The places.
    public var places: [Word]
    /// The greatest span.
    public var slop: Int

    /// Places that are taken within a span.
    public init(_ places: [Word], slop: Int) {
        self.places = places
        self.slop = slop
    }

    /// The greatest slop.
    public static let greatestSlop = 1000
    /// The most places.
    public static let mostPlaces = 64
}
