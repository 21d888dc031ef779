/// A pattern that selects terms of a field.
///
/// Patterns are matched against whole terms as they are in the index, after analysis. The number of terms that one
/// search may expand is limited by `SearchLimits.expansions`.
///
/// ```swift
/// let query = Query.pattern(field: "sku", .expression("ab-[0-9]{4}(-x)?"))
/// ```
public enum TermPattern: Sendable, Equatable {
    /// Matches any of the listed terms.
    case any([String])
    /// Matches terms with a prefix.
    case prefix(String)
    /// Matches terms against a text in which `*` stands for any number of characters and `?` for one; a backslash
    /// escapes the character after it.
    case wildcard(String)
    /// Matches terms against a regular expression, as a whole: `.`, `[a-z]`, `[^a-z]`, `( )`, `|`, `*`, `+`, `?`,
    /// `{2,5}`, `\d`, `\w`, `\s` and their negations, and a backslash before any other sign.
    case expression(String)
}

/// A word and the edit distance within which terms match it.
public struct FuzzyTerm: Sendable, Equatable {
    /// The word, analyzed as the field's terms are. Words of more than 60 characters match nothing.
    public var word: String
    /// The maximum number of edits, 0 to 2: insertions, deletions, substitutions and transpositions of neighbors.
    public var edits: Int
    /// The number of leading characters that terms must share with the word; at least 0.
    public var prefix: Int
    /// The maximum number of terms, 1 to 1,000: the nearest first, then the most frequent.
    public var limit: Int

    /// The terms within a few edits of a word.
    public init(_ word: String, edits: Int = 2, prefix: Int = 1, limit: Int = 50) {
        self.word = word
        self.edits = edits
        self.prefix = prefix
        self.limit = limit
    }
}
