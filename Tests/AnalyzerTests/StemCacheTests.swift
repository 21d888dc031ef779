import Kernels
import TestSupport
import Testing

@testable import Analyzer

/// Stems from the cache against those of the library.
@Suite struct StemCacheTests {
    /// More words than the cache has slots, frequent ones among rare ones, some too long to be cached.
    @Test(arguments: [Language.english, .russian]) func cachedStemsAreThoseOfTheLibrary(_ language: Language) {
        var random = SplitMix64(seed: 5)
        let letters: [String] = language == .english ? ["a", "e", "r", "s", "t"] : ["а", "е", "т", "о", "в"]
        let suffixes =
            language == .english ? ["ing", "ation", "ies", "ed", "s", ""] : ["ами", "ость", "ый", "ого", "ы", ""]
        func word(_ length: Int) -> String {
            (0..<length).map { _ in random.pick(letters) }.joined() + random.pick(suffixes)
        }
        let frequentWords = (0..<300).map { _ in word(5) }
        let cachingStemmer = Stemmer(language)
        var changedCount = 0
        for round in 0..<60_000 {
            let text = random.chance(50) ? random.pick(frequentWords) : word(round % 97 == 0 ? 30 : 8)
            var mutableText = text
            mutableText.withUTF8 { bytes in
                let hash = bytes.baseAddress.map { hash64($0, bytes.count) } ?? 0
                let cached = cachingStemmer.stem(bytes, hash)
                // A new stemmer has no cache yet.
                if round % 20 == 0 {
                    let newStemmer = Stemmer(language)
                    withExtendedLifetime(newStemmer) {
                        let expected = newStemmer.stem(bytes, hash)
                        #expect(cached.stem.elementsEqual(expected.stem), "\(text)")
                        #expect(cached.hash == expected.hash, "\(text)")
                    }
                }
                if !cached.stem.elementsEqual(bytes) { changedCount += 1 }
            }
        }
        #expect(changedCount > 10_000)
    }
}
