import CStemmer
import Kernels

/// The stemmer of one language with a cache of recent stems.
///
/// Not thread-safe: each `TokenBuffer` has its own.
final class Stemmer {
    let language: Language
    /// The stemmer of the Snowball library.
    private let handle: OpaquePointer
    /// Recent stems; nil before the first `usesBeforeCache` words.
    private var cache: StemCache?
    /// The number of words that the library has stemmed.
    private var uses = 0

    /// The number of words after which a cache is allocated: a query gets along without one, an indexer soon has one.
    private static let usesBeforeCache = 256

    /// Creates a stemmer. The Snowball library has one for every `Language`; it is a trap when the installed one lacks
    /// it.
    init(_ language: Language) {
        self.language = language
        guard let handle = quire_stemmer_open(language.rawValue) else {
            preconditionFailure("the Snowball library has no stemmer for \(language.rawValue); reinstall libstemmer")
        }
        self.handle = handle
    }

    deinit { quire_stemmer_close(handle) }

    /// Returns the stems of words, in the same order.
    func stems(of words: [String]) -> [String] {
        words.map { word in
            var word = word
            return word.withUTF8 { bytes in
                guard let start = bytes.baseAddress else { return "" }
                return String(decoding: stem(bytes, hash64(start, bytes.count)).stem, as: UTF8.self)
            }
        }
    }

    /// Returns the stem of a word with its `hash64`; the bytes are valid until the next call.
    ///
    /// Shape: `word` is folded UTF-8 and `hash` its `hash64`. The stem is empty when memory is exhausted.
    /// Complexity: O(bytes); a hit in the cache is about ten times as fast as the library.
    func stem(_ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> (stem: UnsafeBufferPointer<UInt8>, hash: UInt64) {
        if let cached = cache?.stem(of: word, hash) { return cached }
        var length: Int32 = 0
        let start = quire_stem(handle, word.baseAddress, Int32(word.count), &length)
        guard let start else { return (UnsafeBufferPointer(start: nil, count: 0), 0) }
        let stem = UnsafeBufferPointer(start: start, count: Int(length))
        let stemHash = hash64(start, stem.count)
        uses += 1
        if uses == Self.usesBeforeCache { cache = StemCache() }
        cache?.insert(word, hash, stem, stemHash)
        return (stem, stemHash)
    }
}
