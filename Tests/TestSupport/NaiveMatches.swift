/// The matches of a segment with their scores, computed document by document: the expected output of a
/// `DocumentStream`.
package struct NaiveMatches: Sendable {
    /// The score of each document; nil for those that do not match.
    package let scores: [Float?]

    /// Matches with the given scores.
    package init(_ scores: [Float?]) { self.scores = scores }

    /// All documents with one score.
    package init(all documents: Int, score: Float) { scores = Array(repeating: score, count: documents) }

    /// The documents of a postings list. `weight` is nil for a list that only matches; otherwise documents are scored
    /// by their frequency and length, as `NaiveScoring` does, with the given number of tokens.
    package init(
        _ list: PlainList, weight: Float?, lengths: [Int], tokens: Int, k1: Float = 1.2, b: Float = 0.75
    ) {
        let scoring = NaiveScoring(k1: k1, b: b)
        var scores = [Float?](repeating: nil, count: lengths.count)
        for (i, document) in list.documents.enumerated() {
            let document = Int(document)
            scores[document] = weight.map {
                scoring.score(
                    $0, frequency: list.frequency(i), length: lengths[document], tokens: tokens,
                    documents: lengths.count)
            }
            if weight == nil { scores[document] = 0 }
        }
        self.scores = scores
    }

    /// The same documents with the score 0.
    package var unscored: NaiveMatches { NaiveMatches(scores.map { $0.map { _ in 0 } }) }

    /// The number of matches.
    package var count: Int { scores.count { $0 != nil } }

    /// Returns true if a document of a range matches; the range may exceed the segment.
    package func hasMatch(_ range: Range<Int>) -> Bool {
        scores[range.clamped(to: scores.indices)].contains { $0 != nil }
    }

    /// The `limit` best matches, best first, of equal ones the lower document id first.
    package func best(_ limit: Int, without deleted: Set<Int>) -> [(document: Int, score: Float)] {
        let matches = scores.enumerated().compactMap { document, score in
            score.flatMap { deleted.contains(document) ? nil : (document, $0) }
        }
        return Array(matches.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.prefix(limit))
    }

    private func combined(_ body: (Int) -> Float?) -> NaiveMatches { NaiveMatches(scores.indices.map(body)) }

    /// The documents that at least `minimum` of several clauses match, with the sum of their scores.
    package static func atLeast(_ minimum: Int, _ clauses: [NaiveMatches]) -> NaiveMatches {
        clauses[0].combined { document in
            if clauses.count(where: { $0.scores[document] != nil }) < minimum { return nil }
            return Float(clauses.reduce(0.0) { $0 + Double($1.scores[document] ?? 0) })
        }
    }

    /// The documents that all clauses match.
    package static func all(_ clauses: [NaiveMatches]) -> NaiveMatches { atLeast(clauses.count, clauses) }

    /// These documents, with the scores of `other` added where it matches.
    package func adding(_ other: NaiveMatches) -> NaiveMatches {
        combined { document in scores[document].map { Float(Double($0) + Double(other.scores[document] ?? 0)) } }
    }

    /// These documents without those of `other`.
    package func excluding(_ other: NaiveMatches) -> NaiveMatches {
        combined { document in other.scores[document] == nil ? scores[document] : nil }
    }
}

extension PlainList {
    /// The documents in which the terms of several lists occur at given distances, with the starts of the phrase as
    /// positions.
    package static func phrase(_ parts: [(list: PlainList, offset: UInt32)]) -> PlainList {
        var matches = PlainList([])
        for (i, document) in parts[0].list.documents.enumerated() {
            let positions = parts.map { part -> [UInt32] in
                let index = part.list.rank(of: document)
                guard index < part.list.documents.count, part.list.documents[index] == document else { return [] }
                return part.list.positions[index]
            }
            let starts = parts[0].list.positions[i].filter { $0 >= parts[0].offset }.map { $0 - parts[0].offset }
            let complete = starts.filter { start in
                zip(parts, positions).allSatisfy { $1.contains(start + $0.offset) }
            }
            if complete.isEmpty { continue }
            matches.documents.append(document)
            matches.positions.append(complete)
        }
        return matches
    }
}
