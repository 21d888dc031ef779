import CICU

/// A named way to turn text into tokens.
///
/// A value without state: any number of threads may use one at a time, each with a `TokenBuffer` of its own.
public struct TextAnalyzer: Sendable, Hashable {
    /// The name it has in schemas and on the command line.
    public let name: String
    private let folding: Folding
    private let rules: CharacterRules
    private let countsCharacters: Bool

    /// Bytes of the longest term; longer words are cut at a character boundary.
    public static let longestTerm = Segmenter.longestTerm

    /// For catalogues: NFKC case folding, words of any script, overlapping pairs of CJK and of Hangul characters at the
    /// position of their first character.
    public static let standard = TextAnalyzer(
        name: "default", folding: .compatibilityCaseFold, rules: .unicode, countsCharacters: true)

    /// For comparisons with other engines: lower-cased `[a-z0-9]+` and plain CJK pairs, one position a token.
    public static let peers = TextAnalyzer(
        name: "peers", folding: .ascii, rules: .plain, countsCharacters: false)

    /// All analyzers there are.
    public static let all = [standard, peers]

    /// The analyzer of that name, if there is one.
    public static func named(_ name: String) -> TextAnalyzer? { all.first { $0.name == name } }

    private init(name: String, folding: Folding, rules: CharacterRules, countsCharacters: Bool) {
        self.name = name
        self.folding = folding
        self.rules = rules
        self.countsCharacters = countsCharacters
    }

    /// The version of the Unicode library underneath, which decides how text beyond ASCII folds.
    public static var libraryVersion: String { String(cString: quire_icu_version()) }

    /// Replaces the content of `tokens` by the tokens of a text.
    ///
    /// Shape: `text` must be valid UTF-8 (see `repairUTF8`) below 1 GB. Complexity: O(bytes).
    public func analyze(_ text: UnsafeBufferPointer<UInt8>, into tokens: inout TokenBuffer) {
        tokens.reset()
        tokens.fold(text, folding)
        Segmenter(rules: rules, countsCharacters: countsCharacters).segment(&tokens)
    }

    /// The same for a string.
    public func analyze(_ text: String, into tokens: inout TokenBuffer) {
        var text = text
        text.withUTF8 { analyze($0, into: &tokens) }
    }
}
