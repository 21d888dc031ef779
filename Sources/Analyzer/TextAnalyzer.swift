import CICU
import FoundationEssentials
import Kernels

/// A named, immutable analyzer: turns text into tokens.
///
/// The stages are folding (`Folding`), a character map (`CharacterFolds`), segmentation into tokens, removal of stop
/// words, and stemming. A field must be searched with the analyzer with which it was indexed. Any number of threads may
/// share an analyzer, each with a `TokenBuffer` of its own.
///
/// ```swift
/// let analyzer = TextAnalyzer("german", AnalyzerOptions(stemmer: .german, stopWords: .german))
/// var tokens = TokenBuffer()
/// analyzer.analyze("Die Verwandlung, 1915", into: &tokens)
/// ```
public struct TextAnalyzer: Sendable {
    /// The name of the analyzer in schemas and on the command line.
    public let name: String
    /// The options of its stages.
    public let options: AnalyzerOptions
    /// The first stage: normalization of the text.
    private let folding: Folding
    /// The third stage, with the character classes of the analyzer.
    private let segmenter: Segmenter
    /// The second stage, from the folds of the options; nil for none.
    private let map: CharacterMap?

    /// The maximum length of a term in bytes; longer words are cut at a character boundary.
    public static let longestTerm = Segmenter.longestTerm

    /// The analyzer `default`, for catalogs: NFKC case folding, simplified Chinese, no diacritics; words with their
    /// parts, numbers and symbols, overlapping bigrams of CJK and of Hangul characters at the position of their first
    /// character.
    ///
    /// `C++ Äpfel` is c, c++ and apfel; `數據庫` is 数据 and 据库.
    public static let standard = TextAnalyzer("default", AnalyzerOptions())
    /// The analyzer `english`: as `default`, with English stems: `happy dogs` is happi and dog.
    public static let english = TextAnalyzer("english", AnalyzerOptions(stemmer: .english))
    /// The analyzer `japanese`: as `default`, but without simplified Chinese, and with katakana folded to hiragana:
    /// `カタカナ` is かた, たか and かな.
    public static let japanese = TextAnalyzer("japanese", AnalyzerOptions(simplifies: false, foldsKana: true))
    /// The analyzer `characters`: single CJK characters; `Python编程` is 编 and 程.
    public static let characters = TextAnalyzer("characters", AnalyzerOptions(tokens: .characters))
    /// The analyzer `pinyin`: bigrams of the syllables of Chinese characters; `银行` is yin'hang.
    public static let pinyin = TextAnalyzer("pinyin", AnalyzerOptions(tokens: .pinyin))
    /// The analyzer `initials`: bigrams of the first letters of the syllables of Chinese characters; `银行` is yh.
    public static let initials = TextAnalyzer("initials", AnalyzerOptions(tokens: .initials))
    /// The analyzer `whole`: the whole text as one term; `Harry Potter!` is `harry potter`.
    public static let whole = TextAnalyzer("whole", AnalyzerOptions(tokens: .whole))
    /// The analyzer `peers`, for comparisons with other engines: lower-case `[a-z0-9]+` and plain CJK bigrams, each
    /// token at a position of its own.
    ///
    /// `iPhone15 brown-fox` is iphone15, brown and fox; `數據庫` is 數據 and 據庫.
    public static let peers = TextAnalyzer()

    /// The predefined analyzers, which schemas may name without declaring them.
    public static let all = [standard, english, japanese, characters, pinyin, initials, whole, peers]

    /// Returns the predefined analyzer of a name; nil when there is none. Names are case-sensitive.
    public static func named(_ name: String) -> TextAnalyzer? { all.first { $0.name == name } }

    /// Creates an analyzer with NFKC case folding and the segmentation of `default`, for the analyzers of a schema.
    public init(_ name: String, _ options: AnalyzerOptions) {
        self.name = name
        self.options = options
        folding = .compatibilityCaseFold
        segmenter = Segmenter(classes: .shared, isFine: true)
        map = options.folds.map
    }

    /// Creates the analyzer `peers`, whose folding and segmentation no options describe.
    private init() {
        name = "peers"
        options = AnalyzerOptions(simplifies: false, dropsDiacritics: false)
        folding = .ascii
        segmenter = Segmenter(classes: .plain, isFine: false)
        map = nil
    }

    /// A hash, in hexadecimal, that differs between analyzers that may produce different tokens: an index stores it to
    /// detect that its fields must be indexed again.
    ///
    /// It depends on the options, the generated tables, the versions of the Unicode library and the stemmer, and the
    /// rules of this module, but not on the name. Complexity: stems the words of `Language.probes` when there is a
    /// stemmer; it is not cached.
    ///
    /// ```swift
    /// if manifest.analyzers[name] != analyzer.fingerprint { … }  // other tokens than at indexing: rebuild the index
    /// ```
    public var fingerprint: String {
        fingerprint(stems: options.stemmer.map { Stemmer($0).stems(of: Language.probes) } ?? [])
    }

    /// The fingerprint given the stems of `Language.probes`, which identify the version of the stemmer: the library has
    /// no function that returns it.
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

    /// The version of the rules of this module; raised whenever its code changes the tokens of some text.
    private static let rules = "2"

    /// A hash of the generated tables.
    private static let tables: String = {
        let hashes = [simplifiedPairs, characterReadings, wordReadings].map {
            hash64($0.utf8Start, $0.utf8CodeUnitCount)
        }
        return hashes.map { String($0, radix: 16) }.joined(separator: ",")
    }()

    /// The version of ICU, such as "72.1", which determines how text beyond ASCII folds.
    public static var libraryVersion: String { String(cString: quire_icu_version()) }

    /// True if a character is a letter or digit of a script that writes blanks between words.
    public static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        let characterClass = CharacterClasses.shared[scalar.value]
        return characterClass == .letter || characterClass == .digit
    }

    /// Replaces the content of `tokens` by the tokens of a text.
    ///
    /// Shape: `text` must be valid UTF-8 (see `repairUTF8`; it is not checked) and shorter than 1 GB. It is copied, and
    /// only its own bytes are read. Errors: none. Complexity: O(bytes), without allocations once the buffer has grown.
    ///
    /// ```swift
    /// bytes.withUnsafeBufferPointer { analyzer.analyze($0, into: &tokens) }
    /// ```
    public func analyze(_ text: UnsafeBufferPointer<UInt8>, into tokens: inout TokenBuffer) {
        fold(text, into: &tokens)
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

    /// Replaces the content of `tokens` by the folded text, without tokens.
    func fold(_ text: UnsafeBufferPointer<UInt8>, into tokens: inout TokenBuffer) {
        tokens.reset()
        tokens.fold(text, folding)
        if let map { tokens.rewrite(map) }
    }

    /// Returns a text as it is compared: folded and mapped, but not cut into tokens. `Ｆoo  紅樓夢` is `foo  红楼梦`.
    package func folded(_ text: String) -> String {
        var text = text
        var tokens = TokenBuffer()
        text.withUTF8 { fold($0, into: &tokens) }
        return String(decoding: tokens.text.elements.prefix(tokens.textLength), as: UTF8.self)
    }

    /// Replaces the content of `tokens` by the tokens of a string.
    public func analyze(_ text: String, into tokens: inout TokenBuffer) {
        var text = text
        text.withUTF8 { analyze($0, into: &tokens) }
    }
}

extension TextAnalyzer: Hashable {
    /// True if two analyzers have the same name and the same options, and therefore produce the same tokens.
    public static func == (a: TextAnalyzer, b: TextAnalyzer) -> Bool { a.name == b.name && a.options == b.options }

    /// Hashes the name and the options.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(options)
    }
}
