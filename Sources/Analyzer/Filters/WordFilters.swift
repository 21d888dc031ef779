extension TokenBuffer {
    /// Replaces the terms of words and of joined words by their stems; positions and ranges stay.
    ///
    /// The buffer keeps the stemmer, with its cache, for the next text of the same language. Complexity: O(bytes of
    /// words).
    mutating func stem(_ language: Language) {
        let previous = stemmer
        let stemmer = previous?.language == language ? previous! : Stemmer(language)
        self.stemmer = stemmer
        for i in 0..<count where kind[i] == TokenKind.word.rawValue || kind[i] == TokenKind.joined.rawValue {
            let (stem, stemHash) = stemmer.stem(term(i), hash[i])
            guard stemHash != hash[i], stem.count > 0, let first = stem.baseAddress else { continue }
            replace(i, by: first, stem.count, stemHash)
        }
    }

    /// Replaces the term of a token, which goes on to stand for the same range of the folded text.
    private mutating func replace(_ token: Int, by bytes: UnsafePointer<UInt8>, _ count: Int, _ newHash: UInt64) {
        let range = textRange(of: token)
        let begin = text.count
        text.append(from: bytes, count: count)
        derived.append(DerivedTerm(start: UInt32(begin), from: UInt32(range.lowerBound), to: UInt32(range.upperBound)))
        start[token] = UInt32(begin)
        length[token] = UInt32(count)
        hash[token] = newHash
    }

    /// Removes the words that are in `stopWords`. Stop words have less than 16 bytes: longer words are not compared.
    mutating func removeWords(_ stopWords: Set<String>) {
        remove { term, kind in
            kind == .word && term.count < 16 && stopWords.contains(String(decoding: term, as: UTF8.self))
        }
    }

    /// Removes the tokens for which `shouldRemove` returns true; the remaining ones keep their positions.
    mutating func remove(where shouldRemove: (UnsafeBufferPointer<UInt8>, TokenKind) -> Bool) {
        var keptCount = 0
        for i in 0..<count {
            if shouldRemove(term(i), TokenKind(rawValue: kind[i]) ?? .word) { continue }
            start[keptCount] = start[i]
            length[keptCount] = length[i]
            hash[keptCount] = hash[i]
            position[keptCount] = position[i]
            span[keptCount] = span[i]
            kind[keptCount] = kind[i]
            keptCount += 1
        }
        start.count = keptCount
        length.count = keptCount
        hash.count = keptCount
        position.count = keptCount
        span.count = keptCount
        kind.count = keptCount
    }
}
