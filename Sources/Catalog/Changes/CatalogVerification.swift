package import Indexer
import Segments

/// A comparison of a catalog's documents with those of an export, line by line.
///
/// ```swift
/// let verification = try CatalogVerification(store.searcher("books"))
/// verification.collector.add(line: line)
/// try verification.compare()
/// let differences = try verification.finish()
/// ```
package final class CatalogVerification {
    /// The collector of the lines that were not compared yet.
    package let collector: ChangeCollector
    private let comparison: DocumentComparison
    private var differences = DocumentDifferences()

    /// Creates a comparison with the snapshot of a searcher.
    ///
    /// Errors: `input` if the schema cannot be read from JSON objects.
    package init(_ searcher: CatalogSearcher) throws(CatalogError) {
        collector = try ChangeCollector(searcher.reader.schema)
        comparison = DocumentComparison(with: searcher.reader.members, in: searcher.reader)
    }

    /// Compares the collected documents.
    ///
    /// Errors: `request` for a line that is no document, `index` if the index is corrupt.
    package func compare() throws(CatalogError) {
        let changes = collector.drain()
        if let problem = changes.firstProblem {
            throw .request(
                RequestProblem(
                    "bad_document", "line", "line \(problem.line ?? 0): \(problem.error?.detail ?? "")",
                    hint: "compare with what GET /v1/{catalog}/export returns"))
        }
        try indexing { () throws(IndexError) in try comparison.compare(changes.batch, &differences) }
    }

    /// Compares the rest, and returns all differences.
    ///
    /// Errors: as for `compare`.
    package func finish() throws(CatalogError) -> DocumentDifferences {
        try compare()
        try indexing { () throws(IndexError) in try comparison.countExtra(&differences) }
        return differences
    }
}
