import CICU
import FoundationEssentials
import Kernels

/// A named way to turn text into tokens.
///
/// A value without state: any number of threads may use one at a time, each with a `TokenBuffer` of its own.
public struct TextAnalyzer: Sendable {
    /// The name it has in schemas and on the command line.
    public let name: String
    /// How it makes tokens.
    public let options: AnalyzerOptions
    private let folding: Folding
    private let segmenter: Segmenter
    private let map: CharacterMap?

    /// Bytes of the longest term; longer words are cut at a character boundary.
    public static let longestTerm = Segmenter.longestTerm

    /// For catalogues: NFKC case folding, simplified Chinese, no diacritics; words with their parts, numbers and
    /// symbols, overlapping pairs of CJK and of Hangul characters at the position of their first character.
    public static let standard = TextAnalyzer("default", AnalyzerOptions())
    /// The same with English stems.
    public static let english = TextAnalyzer("english", AnalyzerOptions(stemmer: .english))
    /// The same with Japanese characters kept apart from Chinese ones and katakana as hiragana.
    public static let japanese = TextAnalyzer("japanese", AnalyzerOptions(simplifies: false, foldsKana: true))
    /// CJK characters one by one.
    public static let characters = TextAnalyzer("characters", AnalyzerOptions(tokens: .characters))
    /// Syllables of Chinese characters in pairs.
    public static let pinyin = TextAnalyzer("pinyin", AnalyzerOptions(tokens: .pinyin))
    /// First letters of the syllables of Chinese characters in pairs.
    public static let initials = TextAnalyzer("initials", AnalyzerOptions(tokens: .initials))
    /// The whole text as one term.
    public static let whole = TextAnalyzer("whole", AnalyzerOptions(tokens: .whole))
    /// For comparisons with other engines: lower-cased `[a-z0-9]+` and plain CJK pairs, one position a token.
    public static let peers = TextAnalyzer()

    /// The analyzers that need no declaration.
    public static let all = [standard, english, japanese, characters, pinyin, initials, whole, peers]

    /// The analyzer of that name, if there is one.
    public static func named(_ name: String) -> TextAnalyzer? { all.first { $0.name == name } }

    /// An analyzer of one's own.
    public init(_ name: String, _ options: AnalyzerOptions) {
        self.name = name
        self.options = options
        folding = .compatibilityCaseFold
        segmenter = Segmenter(classes: .shared, isFine: true)
        map = options.folds.map
    }

    private init() {
        name = "peers"
        options = AnalyzerOptions(simplifies: false, dropsDiacritics: false)
        folding = .ascii
        segmenter = Segmenter(classes: .plain, isFine: false)
        map = nil
    }

    /// Tells analyzers apart that make different tokens: changes with the options, the tables, the Unicode library, the
    /// stemmer and the rules of this module.
    public var fingerprint: String {
        fingerprint(stems: options.stemmer.map { Stemmer($0).stems(of: Language.probes) } ?? [])
    }

    /// The fingerprint with a stemmer that makes these stems of probes: a library does not tell its version.
    func fingerprint(stems: [String]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Strings and booleans always encode.
        let options = (try? encoder.encode(options)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let parts = [Self.rules, folding == .ascii ? "ascii" : Self.libraryVersion, Self.tables, options]
        var text = (parts + stems).joined(separator: "|")
        let hash = text.withUTF8 { bytes in bytes.baseAddress.map { hash64($0, bytes.count) } ?? 0 }
        return String(hash, radix: 16)
    }

    /// Raised whenever the code of this module makes other tokens of some text.
    private static let rules = "2"

    /// A hash of the generated tables.
    private static let tables: String = {
        let all = [simplifiedPairs, characterReadings, wordReadings].map { hash64($0.utf8Start, $0.utf8CodeUnitCount) }
        return all.map { String($0, radix: 16) }.joined(separator: ",")
    }()

    /// The version of the Unicode library underneath, which decides how text beyond ASCII folds.
    public static var libraryVersion: String { String(cString: quire_icu_version()) }

    /// Whether a character is a letter or digit of a script that writes words with blanks between them.
    public static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        let what = CharacterClasses.shared[scalar.value]
        return what == .letter || what == .digit
    }

    /// Replaces the content of `tokens` by the tokens of a text.
    ///
    /// Shape: `text` must be valid UTF-8 (see `repairUTF8`) below 1 GB. Complexity: O(bytes).
    public func analyze(_ text: UnsafeBufferPointer<UInt8>, into tokens: inout TokenBuffer) {
        tokens.reset()
        tokens.fold(text, folding)
        if let map { tokens.rewrite(map) }
        switch options.tokens {
        case .words: segmenter.segment(&tokens)
        case .characters: segmenter.segmentCharacters(&tokens)
        case .pinyin: tokens.makePinyin(segmenter.classes, initials: false)
        case .initials: tokens.makePinyin(segmenter.classes, initials: true)
        case .whole: tokens.makeWhole(segmenter.classes)
        }
        if let stopWords = options.stopWords?.stopWords { tokens.removeWords(stopWords) }
        if let language = options.stemmer { tokens.stem(language) }
    }

    /// The same for a string.
    public func analyze(_ text: String, into tokens: inout TokenBuffer) {
        var text = text
        text.withUTF8 { analyze($0, into: &tokens) }
    }
}

extension TextAnalyzer: Hashable {
    /// Whether both make the same tokens under the same name.
    public static func == (a: TextAnalyzer, b: TextAnalyzer) -> Bool { a.name == b.name && a.options == b.options }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(options)
    }
}
