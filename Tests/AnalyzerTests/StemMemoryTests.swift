import Kernels
import OracleSupport
import Testing

@testable import Analyzer

/// Remembered stems are those that the library gives.
@Suite struct StemMemoryTests {
    /// More words than there are places, frequent ones among rare ones, some too long to be kept.
    @Test(arguments: [Language.english, .russian]) func stemsAreAlwaysTheLibrarys(_ language: Language) {
        var random = SplitMix64(seed: 5)
        let letters: [String] = language == .english ? ["a", "e", "r", "s", "t"] : ["а", "е", "т", "о", "в"]
        let endings =
            language == .english ? ["ing", "ation", "ies", "ed", "s", ""] : ["ами", "ость", "ый", "ого", "ы", ""]
        func word(_ length: Int) -> String {
            (0..<length).map { _ in random.pick(letters) }.joined() + random.pick(endings)
        }
        let frequent = (0..<300).map { _ in word(5) }
        let remembering = Stemmer(language)
        var different = 0
        for round in 0..<60_000 {
            let text = random.chance(50) ? random.pick(frequent) : word(round % 97 == 0 ? 30 : 8)
            var bytes8 = text
            bytes8.withUTF8 { bytes in
                let hash = bytes.baseAddress.map { hash64($0, bytes.count) } ?? 0
                let kept = remembering.stem(bytes, hash)
                // A stemmer of its own never remembers: it has not been asked often enough.
                if round % 20 == 0 {
                    let fresh = Stemmer(language)
                    withExtendedLifetime(fresh) {
                        let stemmed = fresh.stem(bytes, hash)
                        #expect(kept.stem.elementsEqual(stemmed.stem) && kept.hash == stemmed.hash, "\(text)")
                    }
                }
                if !kept.stem.elementsEqual(bytes) { different += 1 }
            }
        }
        #expect(different > 10_000)
    }
}
