/// The documents of a segment that match something, with their scores: what a stream of documents has to answer,
/// computed document by document.
public struct NaiveMatches: Sendable {
    /// The score of each document; nil for those that do not match.
    public let scores: [Float?]

    /// Matches as they are.
    public init(_ scores: [Float?]) { self.scores = scores }

    /// All documents with one score.
    public init(all documents: Int, score: Float) { scores = Array(repeating: score, count: documents) }

    /// The documents of a list. `weight` is nil for a list that only matches; otherwise documents are scored by their
    /// frequency and length, as `NaiveScoring` does, with the given numbers of tokens and documents.
    public init(
        _ list: PlainList, weight: Float?, lengths: [Int], tokens: Int, k1: Float = 1.2, b: Float = 0.75
    ) {
        let scoring = NaiveScoring(k1: k1, b: b)
        var scores = [Float?](repeating: nil, count: lengths.count)
        for (rank, document) in list.documents.enumerated() {
            let number = Int(document)
            scores[number] = weight.map {
                scoring.score(
                    $0, frequency: list.frequency(rank), length: lengths[number], tokens: tokens,
                    documents: lengths.count)
            }
            if weight == nil { scores[number] = 0 }
        }
        self.scores = scores
    }

    /// The same documents, scoring nothing.
    public var unscored: NaiveMatches { NaiveMatches(scores.map { $0.map { _ in 0 } }) }

    /// The number of matches.
    public var count: Int { scores.count { $0 != nil } }

    /// Whether a document of a range matches; there need not be so many.
    public func hasMatch(_ range: Range<Int>) -> Bool {
        scores[range.clamped(to: scores.indices)].contains { $0 != nil }
    }

    /// The best matches, best first, equal ones in their order.
    public func best(_ limit: Int, without deleted: Set<Int>) -> [(document: Int, score: Float)] {
        let found = scores.enumerated().compactMap { document, score in
            score.flatMap { deleted.contains(document) ? nil : (document, $0) }
        }
        return Array(found.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.prefix(limit))
    }

    private func combined(_ body: (Int) -> Float?) -> NaiveMatches { NaiveMatches(scores.indices.map(body)) }

    /// Documents that at least `minimum` of several match; the sum over those that do.
    public static func atLeast(_ minimum: Int, _ clauses: [NaiveMatches]) -> NaiveMatches {
        clauses[0].combined { document in
            if clauses.count(where: { $0.scores[document] != nil }) < minimum { return nil }
            return Float(clauses.reduce(0.0) { $0 + Double($1.scores[document] ?? 0) })
        }
    }

    /// Documents that all match.
    public static func all(_ clauses: [NaiveMatches]) -> NaiveMatches { atLeast(clauses.count, clauses) }

    /// These documents, with what `other` scores where it matches.
    public func adding(_ other: NaiveMatches) -> NaiveMatches {
        combined { document in scores[document].map { Float(Double($0) + Double(other.scores[document] ?? 0)) } }
    }

    /// These documents without those of `other`.
    public func excluding(_ other: NaiveMatches) -> NaiveMatches {
        combined { document in other.scores[document] == nil ? scores[document] : nil }
    }
}

extension PlainList {
    /// The documents in which the terms of these lists stand at these distances, and where the phrase begins there.
    public static func phrase(_ parts: [(list: PlainList, offset: UInt32)]) -> PlainList {
        var found = PlainList([])
        for (rank, document) in parts[0].list.documents.enumerated() {
            let others = parts.map { part -> [UInt32] in
                let rank = part.list.rank(of: document)
                guard rank < part.list.documents.count, part.list.documents[rank] == document else { return [] }
                return part.list.positions[rank]
            }
            let starts = parts[0].list.positions[rank].filter { $0 >= parts[0].offset }.map { $0 - parts[0].offset }
            let whole = starts.filter { start in
                zip(parts, others).allSatisfy { $1.contains(start + $0.offset) }
            }
            if whole.isEmpty { continue }
            found.documents.append(document)
            found.positions.append(whole)
        }
        return found
    }
}
