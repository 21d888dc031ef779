import Searching
import Segments
import TestSupport
import Testing

/// Searches with the results of the naive index, to be compared with those of indexes of any shape.
struct OracleComparison {
    private let searches: [Search]
    private let expected: [NaiveResult]
    private let deleted: Set<Int>

    /// Runs searches in the naive index, with some documents deleted.
    init(_ searches: [Search], _ naive: NaiveIndex, without deleted: Set<Int> = []) {
        self.searches = searches
        self.deleted = deleted
        expected = searches.map { naive.result(of: $0, naive.scores($0.query, $0.similarity), without: deleted) }
    }

    /// Searches whose matches and scores are known, with some documents deleted; `scores` are aligned with `searches`.
    init(_ searches: [Search], _ scores: [[Int: Float]], _ naive: NaiveIndex, without deleted: Set<Int>) {
        self.searches = searches
        self.deleted = deleted
        expected = zip(searches, scores).map { naive.result(of: $0, $1, without: deleted) }
    }

    /// Compares the results of a reader; records the first two differences as issues.
    func compare(_ reader: IndexReader, _ shape: String) throws {
        let reader = deleted.isEmpty ? reader : try reader.deleting(deleted)
        #expect(reader.liveDocuments == reader.documents - deleted.count)
        var differences = 0
        for (search, expectedResult) in zip(searches, expected) {
            let result = try reader.search(search)
            guard let difference = expectedResult.difference(from: result) else { continue }
            differences += 1
            if differences <= 2 { Issue.record("\(shape): \(difference) for \(search)") }
        }
        #expect(differences == 0, "\(differences) of \(searches.count) results differ on \(shape)")
    }

    /// Compares indexes of 1, 2 and 7 segments, and the last one after merging it to 2 and to 1.
    func compareShapes(of corpus: some IndexableCorpus, seed: UInt64) throws {
        for segments in [1, 2, 7] {
            let index = try TemporaryIndex(corpus, segments: segments, seed: seed)
            try compare(index.reader(), "\(segments) segments")
            guard segments == 7 else { continue }
            try index.merge(to: 2)
            try compare(index.reader(), "7 segments merged to 2")
            try index.merge(to: 1)
            try compare(index.reader(), "merged to 1")
        }
    }
}
