import FoundationEssentials
import Searching

/// Queries with relevance judgments of documents, in the file formats of TREC.
///
/// ```
/// queries.tsv    1<tab>three body problem
/// qrels.tsv      1 0 9787536692930 2
/// ```
public struct JudgedQueries: Sendable {
    /// A query with its judgments.
    public struct Query: Sendable {
        /// The number or name of the query.
        public var id: String
        /// The query string.
        public var text: String
        /// The grades of the judged documents by their keys: 0 for not relevant, higher for more relevant.
        public var grades: [String: Int]
    }

    /// The valid grades. The gain grows as 2^grade, so that higher grades would exceed every useful measure.
    static let grades = 0...30

    /// The queries that have at least one relevant document, in the order of their file.
    public var queries: [Query]
    /// The number of queries of the file that have none.
    public var leftOut = 0

    /// Reads the files `queries` (query, tab, text) and `judgments` (query, anything, document and grade, separated by
    /// blanks).
    ///
    /// Queries without a relevant document are left out, because no ranking of them can be right. Errors: `evaluation`
    /// with the file, the line and the reason.
    public init(queries: String, judgments: String) throws(CatalogError) {
        let gradesByQuery = try Self.readJudgments(judgments)
        var seen: Set<String> = []
        var judged: [Query] = []
        try Self.forEachLine(of: queries) { number, line throws(CatalogError) in
            guard let tab = line.firstIndex(of: "\t") else {
                throw .evaluation(path: queries, line: number, problem: "expected a query's name, a tab and its text")
            }
            let id = String(line[..<tab])
            guard seen.insert(id).inserted else {
                throw .evaluation(path: queries, line: number, problem: "the query \"\(id)\" is repeated")
            }
            guard let grades = gradesByQuery[id], grades.values.contains(where: { $0 > 0 }) else { return }
            judged.append(Query(id: id, text: String(line[line.index(after: tab)...]), grades: grades))
        }
        guard !judged.isEmpty else {
            throw .evaluation(
                path: queries, line: 0, problem: "none of its queries has a relevant document in \(judgments)")
        }
        self.queries = judged
        leftOut = seen.count - judged.count
    }

    /// Reads the grades of a file, by query and document.
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
                    problem: "the document \"\(document)\" is judged twice for the query \"\(query)\"")
            }
        }
        return grades
    }

    /// Calls `body` with the number and the text of each line that is not blank.
    private static func forEachLine(
        of path: String, _ body: (Int, Substring) throws(CatalogError) -> Void
    ) throws(CatalogError) {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw .evaluation(path: path, line: 0, problem: "the file cannot be read; check its name")
        }
        // Some editors write a byte-order mark at the start of a file.
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
