import Kernels

/// Cuts folded text into words and bigrams.
///
/// A word is a maximal run of word characters. A run of ideographs (or of Hangul) becomes its overlapping pairs of
/// characters; a run of one character stays one token.
struct Segmenter: Sendable {
    /// Bytes of the longest term; longer words are cut at a character boundary.
    static let longestTerm = 255

    let rules: CharacterRules
    /// Whether a run of n characters takes up n positions (pairs stand where their first character stands) or one for
    /// each of its tokens.
    let countsCharacters: Bool

    /// Appends the tokens of `tokens.text`. Complexity: O(bytes).
    func segment(_ tokens: inout TokenBuffer) {
        let count = tokens.text.count
        let isWordByte = wordBytes.base
        var place: UInt32 = 0
        var i = 0
        while i < count {
            let byte = tokens.text.base[i]
            if byte < 0x80 {
                if isWordByte[Int(byte)] {
                    i = word(&tokens, from: i, &place)
                } else {
                    i &+= 1
                }
                continue
            }
            let (scalar, length) = decodeScalar(tokens.text.base + i)
            switch rules.classify(scalar) {
            case .separator: i &+= length
            case .word: i = word(&tokens, from: i, &place)
            case .ideograph: i = pairs(&tokens, from: i, .ideograph, &place)
            case .hangul: i = pairs(&tokens, from: i, .hangul, &place)
            }
        }
        tokens.endPosition = place
    }

    /// One word; answers where it ends. A word over the longest term is cut into several.
    @inline(__always)
    private func word(_ tokens: inout TokenBuffer, from begin: Int, _ place: inout UInt32) -> Int {
        let count = tokens.text.count
        let p = tokens.text.base
        let isWordByte = wordBytes.base
        var piece = begin
        var i = begin
        while i < count {
            let byte = p[i]
            var step = 1
            if byte < 0x80 {
                if !isWordByte[Int(byte)] { break }
            } else {
                let (scalar, length) = decodeScalar(p + i)
                if rules.classify(scalar) != .word { break }
                step = length
            }
            if i &+ step &- piece > Self.longestTerm {
                tokens.append(from: piece, to: i, position: place, kind: .word)
                place &+= 1
                piece = i
            }
            i &+= step
        }
        tokens.append(from: piece, to: i, position: place, kind: .word)
        place &+= 1
        return i
    }

    /// The pairs of one run; answers where it ends.
    private func pairs(
        _ tokens: inout TokenBuffer, from begin: Int, _ kind: CharacterClass, _ place: inout UInt32
    ) -> Int {
        let count = tokens.text.count
        var previous = begin
        var i = begin &+ decodeScalar(tokens.text.base + begin).length
        let first = i
        while i < count, tokens.text.base[i] >= 0x80 {
            let (scalar, length) = decodeScalar(tokens.text.base + i)
            if rules.classify(scalar) != kind { break }
            tokens.append(from: previous, to: i &+ length, position: place, kind: .bigram)
            place &+= 1
            previous = i
            i &+= length
        }
        if i == first {
            tokens.append(from: begin, to: i, position: place, kind: .unigram)
            place &+= 1
        } else if countsCharacters {
            place &+= 1
        }
        return i
    }
}

/// Which ASCII bytes are part of words, after folding.
private struct WordBytes: @unchecked Sendable {
    let base: UnsafePointer<Bool>

    init() {
        let table = UnsafeMutablePointer<Bool>.allocate(capacity: 128)
        for byte in 0..<128 {
            table[byte] = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
        }
        base = UnsafePointer(table)
    }
}

private let wordBytes = WordBytes()
