import Kernels

extension TokenBuffer {
    /// Replaces words, also joined ones, by their stems. Complexity: O(bytes of words).
    mutating func stem(_ language: Language) {
        let known = stemmer
        let stemmer = known?.language == language ? known! : Stemmer(language)
        self.stemmer = stemmer
        for i in 0..<count where kind[i] == TokenKind.word.rawValue || kind[i] == TokenKind.joined.rawValue {
            let (stem, stemHash) = stemmer.stem(term(i), hash[i])
            guard stemHash != hash[i], stem.count > 0, let first = stem.baseAddress else { continue }
            replace(i, by: first, stem.count, stemHash)
        }
    }

    /// Replaces a token's term; its stretch of text stays.
    private mutating func replace(_ token: Int, by bytes: UnsafePointer<UInt8>, _ count: Int, _ newHash: UInt64) {
        let stretch = textRange(of: token)
        let begin = text.count
        text.append(from: bytes, count: count)
        derived.append(
            DerivedTerm(
                start: UInt32(begin), from: UInt32(stretch.lowerBound), to: UInt32(stretch.upperBound)))
        start[token] = UInt32(begin)
        length[token] = UInt32(count)
        hash[token] = newHash
    }

    /// Leaves out words of a list.
    mutating func removeWords(_ list: Set<String>) {
        remove { term, kind in kind == .word && term.count < 16 && list.contains(String(decoding: term, as: UTF8.self))
        }
    }

    /// Leaves out the tokens for which `isUnwanted` holds; the others keep their places.
    mutating func remove(where isUnwanted: (UnsafeBufferPointer<UInt8>, TokenKind) -> Bool) {
        var kept = 0
        for i in 0..<count {
            if isUnwanted(term(i), TokenKind(rawValue: kind[i]) ?? .word) { continue }
            start[kept] = start[i]
            length[kept] = length[i]
            hash[kept] = hash[i]
            position[kept] = position[i]
            span[kept] = span[i]
            kind[kept] = kind[i]
            kept += 1
        }
        start.count = kept
        length.count = kept
        hash.count = kept
        position.count = kept
        span.count = kept
        kind.count = kept
    }
}
