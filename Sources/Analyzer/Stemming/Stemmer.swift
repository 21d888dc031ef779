import CStemmer
import Kernels

/// The stemmer of one language with its working memory: each batch of tokens has its own.
final class Stemmer {
    let language: Language
    private let handle: OpaquePointer

    /// Stemmers of all languages of `Language` are part of the library.
    init(_ language: Language) {
        self.language = language
        guard let handle = quire_stemmer_open(language.rawValue) else {
            preconditionFailure("the Snowball library has no stemmer for \(language.rawValue); reinstall libstemmer")
        }
        self.handle = handle
    }

    deinit { quire_stemmer_close(handle) }

    /// The stem of a word; valid until the next call.
    func stem(_ word: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var length: Int32 = 0
        let stem = quire_stem(handle, word.baseAddress, Int32(word.count), &length)
        return UnsafeBufferPointer(start: stem, count: stem == nil ? 0 : Int(length))
    }
}
