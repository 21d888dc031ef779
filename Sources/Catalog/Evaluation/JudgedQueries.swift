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

    /// The grades there are: above them gains are beyond all measure.
    static let grades = 0...30

    /// The queries that have a relevant document, in the order of their file.
    public var queries: [Query]
    /// How many have none.
    public var leftOut = 0

    /// Reads `queries` (query, tab, text) and `judgments` (query, anything, document, grade, between blanks).
    ///
    /// Queries without a relevant document are left out: no ranking can be right there. Errors: `evaluation` with
    /// file, line and reason.
    public init(queries: String, judgments: String) throws(CatalogError) {
        let grades = try Self.readJudgments(judgments)
        var seen: Set<String> = []
        var all: [Query] = []
        try Self.forEachLine(of: queries) { number, line throws(CatalogError) in
            guard let tab = line.firstIndex(of: "\t") else {
                throw .evaluation(path: queries, line: number, problem: "expected a query's name, a tab and its text")
            }
            let id = String(line[..<tab])
            guard seen.insert(id).inserted else {
                throw .evaluation(path: queries, line: number, problem: "the query \"\(id)\" was there before")
            }
            guard let known = grades[id], known.values.contains(where: { $0 > 0 }) else { return }
            all.append(Query(id: id, text: String(line[line.index(after: tab)...]), grades: known))
        }
        guard !all.isEmpty else {
            throw .evaluation(
                path: queries, line: 0, problem: "none of its queries has a relevant document in \(judgments)")
        }
        self.queries = all
        leftOut = seen.count - all.count
    }

    /// The grades of a file: by query, by document.
    private static func readJudgments(_ judgments: String) throws(CatalogError) -> [String: [String: Int]] {
        var grades: [String: [String: Int]] = [:]
        try Self.forEachLine(of: judgments) { number, line throws(CatalogError) in
            let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard parts.count == 4, let grade = Int(parts[3]) else {
                throw .evaluation(
                    path: judgments, line: number, problem: "expected query, iteration, document and a whole grade")
            }
            guard Self.grades.contains(grade) else {
                throw .evaluation(
                    path: judgments, line: number,
                    problem: "the grade \(grade) is not between \(Self.grades.lowerBound) and \(Self.grades.upperBound)"
                )
            }
            let (query, document) = (String(parts[0]), String(parts[2]))
            guard grades[query, default: [:]].updateValue(grade, forKey: document) == nil else {
                throw .evaluation(
                    path: judgments, line: number,
                    problem: "the document \"\(document)\" was judged before for the query \"\(query)\"")
            }
        }
        return grades
    }

    private static func forEachLine(
        of path: String, _ body: (Int, Substring) throws(CatalogError) -> Void
    ) throws(CatalogError) {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw .evaluation(path: path, line: 0, problem: "the file cannot be read; check its name")
        }
        // Some editors put a byte-order mark before a text.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = String(decoding: data.starts(with: mark) ? data.dropFirst(mark.count) : data, as: UTF8.self)
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            if line.allSatisfy(\.isWhitespace) { continue }
            try body(number, line)
        }
    }
}
