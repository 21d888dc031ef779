import FoundationEssentials
import Indexer
import Storage

/// Queries and which documents answer them: the files that TREC's tools read.
public struct JudgedQueries: Sendable {
    /// One query and its judgments.
    public struct Query: Sendable {
        /// Its number or name.
        public var id: String
        /// What is searched for.
        public var text: String
        /// How well documents answer it, by their keys: 0 not at all, 1 and more better and better.
        public var grades: [String: Int]
    }

    /// The queries that have a relevant document, in the order of their file.
    public var queries: [Query]

    /// Reads `queries` (query, tab, text) and `judgments` (query, anything, document, grade, between blanks).
    ///
    /// Queries without a relevant document are left out: no ranking can be right there. Errors: `evaluation` with
    /// file, line and reason.
    public init(queries: String, judgments: String) throws(CatalogError) {
        var grades: [String: [String: Int]] = [:]
        try Self.forEachLine(of: judgments) { number, line throws(CatalogError) in
            let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard parts.count == 4, let grade = Int(parts[3]) else {
                throw .evaluation(
                    path: judgments, line: number, problem: "expected query, iteration, document and a whole grade")
            }
            grades[String(parts[0]), default: [:]][String(parts[2])] = grade
        }
        var all: [Query] = []
        try Self.forEachLine(of: queries) { number, line throws(CatalogError) in
            guard let tab = line.firstIndex(of: "\t") else {
                throw .evaluation(path: queries, line: number, problem: "expected a query's name, a tab and its text")
            }
            let id = String(line[..<tab])
            guard let known = grades[id], known.values.contains(where: { $0 > 0 }) else { return }
            all.append(Query(id: id, text: String(line[line.index(after: tab)...]), grades: known))
        }
        guard !all.isEmpty else {
            throw .evaluation(
                path: queries, line: 0, problem: "none of its queries has a relevant document in \(judgments)")
        }
        self.queries = all
    }

    private static func forEachLine(
        of path: String, _ body: (Int, Substring) throws(CatalogError) -> Void
    ) throws(CatalogError) {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw .evaluation(path: path, line: 0, problem: "the file cannot be read; check its name")
        }
        let text = String(decoding: data, as: UTF8.self)
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            if line.allSatisfy(\.isWhitespace) { continue }
            try body(number, line)
        }
    }
}
