/// What the terms of a query look like.
public enum TermPattern: Sendable, Equatable {
    /// Any of some terms.
    case any([String])
    /// Terms that begin with a text.
    case prefix(String)
    /// Terms that look like a text in which `*` stands for any characters, `?` for one; a backslash takes the meaning
    /// from the character behind it.
    case wildcard(String)
    /// Terms that a regular expression matches as a whole: `.`, `[a-z]`, `[^a-z]`, `( )`, `|`, `*`, `+`, `?`, `{2,5}`,
    /// `\d`, `\w`, `\s` and their opposites, a backslash before any other sign.
    case expression(String)
}

/// A word and how far from it terms may be.
public struct FuzzyTerm: Sendable, Equatable {
    /// The word, as the field's analyzer makes it.
    public var word: String
    /// The most edits, 0 to 2: insertions, deletions, substitutions and exchanges of neighbours.
    public var edits: Int
    /// How many of its first characters terms must have.
    public var prefix: Int
    /// How many terms are looked for: the nearest, then the most frequent.
    public var limit: Int

    /// Terms near a word.
    public init(_ word: String, edits: Int = 2, prefix: Int = 1, limit: Int = 50) {
        self.word = word
        self.edits = edits
        self.prefix = prefix
        self.limit = limit
    }
}
