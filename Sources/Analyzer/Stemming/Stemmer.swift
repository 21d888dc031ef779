import CStemmer
import Kernels

/// The stemmer of one language with its working memory: each batch of tokens has its own.
final class Stemmer {
    let language: Language
    private let handle: OpaquePointer
    private var memory: StemMemory?
    private var uses = 0

    /// A query is stemmed without a memory; an indexer soon has one.
    private static let usesBeforeMemory = 256

    /// Stemmers of all languages of `Language` are part of the library.
    init(_ language: Language) {
        self.language = language
        guard let handle = quire_stemmer_open(language.rawValue) else {
            preconditionFailure("the Snowball library has no stemmer for \(language.rawValue); reinstall libstemmer")
        }
        self.handle = handle
    }

    deinit { quire_stemmer_close(handle) }

    /// The stems of some words.
    func stems(of words: [String]) -> [String] {
        words.map { word in
            var word = word
            return word.withUTF8 { bytes in
                guard let start = bytes.baseAddress else { return "" }
                return String(decoding: stem(bytes, hash64(start, bytes.count)).stem, as: UTF8.self)
            }
        }
    }

    /// The stem of a word, and its hash; valid until the next call. An empty one when the library has no memory.
    func stem(_ word: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> (stem: UnsafeBufferPointer<UInt8>, hash: UInt64) {
        if let known = memory?.stem(of: word, hash) { return known }
        var length: Int32 = 0
        let start = quire_stem(handle, word.baseAddress, Int32(word.count), &length)
        guard let start else { return (UnsafeBufferPointer(start: nil, count: 0), 0) }
        let stem = UnsafeBufferPointer(start: start, count: Int(length))
        let stemHash = hash64(start, stem.count)
        uses += 1
        if uses == Self.usesBeforeMemory { memory = StemMemory() }
        memory?.keep(word, hash, stem, stemHash)
        return (stem, stemHash)
    }
}
