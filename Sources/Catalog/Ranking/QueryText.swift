/// A shopper's query taken apart: free words, quoted phrases, and what must not be there.
struct QueryText {
    /// Words that are neither quoted nor excluded, with single blanks.
    var free = ""
    /// Quoted stretches: each must stand as it is.
    var phrases: [String] = []
    /// What followed a minus sign after a blank: none of it may be there.
    var excluded: [String] = []

    /// The same with quoted phrases as free words.
    var unquoted: QueryText {
        var text = self
        text.free = ([free] + phrases).filter { !$0.isEmpty }.joined(separator: " ")
        text.phrases = []
        return text
    }

    /// Reads a query. A quote that is never closed is no quote; a minus sign within a word is none.
    init(_ q: String) {
        let straight = String(q.map { "“”„«»".contains($0) ? "\"" : $0 })
        let pieces = straight.split(separator: "\"", omittingEmptySubsequences: false)
        var isExcluded = false
        for (number, piece) in pieces.enumerated() {
            if number % 2 == 1, number < pieces.count - 1 {
                let phrase = String(piece)
                if isExcluded { excluded.append(phrase) } else { phrases.append(phrase) }
                isExcluded = false
                continue
            }
            isExcluded = false
            for word in piece.split(whereSeparator: \.isWhitespace) {
                if word.count > 1, word.first == "-" {
                    excluded.append(String(word.dropFirst()))
                } else if word == "-", number + 1 < pieces.count - 1, piece.hasSuffix("-") {
                    isExcluded = true
                } else {
                    free += (free.isEmpty ? "" : " ") + word
                }
            }
        }
    }
}
