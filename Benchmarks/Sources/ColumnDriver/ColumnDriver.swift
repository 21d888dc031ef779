// Question: how do facets, orders by a column and terms that are looked for by their looks compare with Lucene?
// Corpus and rival: Benchmarks/Columns/run.py, which makes documents of package lists and calls this program and
// ColumnRival.java in turns with the same commands.

@preconcurrency import Glibc
import Indexer
import Searching
import Segments
import Storage

@main
struct ColumnDriver {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, ["index", "query"].contains(arguments[1]) else {
            fputs("usage: ColumnDriver index DIR < documents.tsv | ColumnDriver query DIR < commands.tsv\n", stderr)
            exit(64)
        }
        do {
            if arguments[1] == "index" { try index(arguments[2]) } else { try query(arguments[2]) }
        } catch {
            fputs("ColumnDriver: \(error)\n", stderr)
            exit(1)
        }
    }

    private static let facets = ["ecosystem", "initial", "words"]

    /// Lines of cells on standard input become one segment.
    static func index(_ directory: String) throws {
        let schema = try Schema(
            key: "id",
            fields: [
                Field("id", .keyword), Field("text", .text, analyzer: "peers", stored: false),
                Field("ecosystem", .keyword, stored: false), Field("initial", .keyword, stored: false),
                Field("words", .keyword, multiple: true, stored: false), Field("size", .integer, stored: false),
                Field("tenth", .keyword, stored: false),
            ])
        let writer = try IndexWriter(IndexFolder(directory), .empty(schema), memoryLimit: 1 << 30)
        var document = DocumentBuffer()
        while let line = readLine() {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            document.reset()
            for i in 0..<4 { document.append(i, text: cells[i]) }
            for word in cells[4].split(separator: " ") { document.append(4, text: String(word)) }
            document.append(5, integer: Int64(cells[5]) ?? 0)
            document.append(6, text: cells[6])
            try writer.add(document)
        }
        try writer.merge(to: 1)
        try writer.commit()
    }

    /// Commands on standard input, one answer a line.
    static func query(_ directory: String) throws {
        let reader = try IndexReader(IndexFolder(directory))
        while let line = readLine() {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let start = nanoseconds()
            let answer = try answer(reader, cells)
            print("\(answer)\t\(nanoseconds() - start)")
            fflush(stdout)
        }
    }

    static func answer(_ reader: IndexReader, _ cells: [String]) throws -> String {
        func query(_ text: String) -> Query { text == "*" ? .all : .term(field: "text", text) }
        switch cells[0] {
        case "FACETS":
            return try counted(reader, Search(query(cells[1]), limit: 0, facets: facets.map { FacetRequest($0) }))
        case "FACET": return try counted(reader, Search(query(cells[2]), limit: 0, facets: [FacetRequest(cells[1])]))
        case "TENTHS":
            let some = Query.pattern(field: "tenth", .any(cells[2].split(separator: ",").map(String.init)))
            let requests = cells[1].split(separator: ",").map { FacetRequest(String($0)) }
            return try counted(reader, Search(some, limit: 0, facets: requests))
        case "HISTOGRAM":
            let request = FacetRequest("size", .histogram(width: 50_000))
            let found = try reader.search(Search(query(cells[1]), limit: 0, facets: [request]))
            return found.facets[0].buckets.map { " \($0.count)" }.joined()
        case "PLAIN", "SIDEWAYS":
            let filters = facets.enumerated().map { Query.term(field: $1, cells[2 + $0]) }
            let isSideways = cells[0] == "SIDEWAYS"
            let requests = facets.enumerated().map { FacetRequest($1, without: isSideways ? $0 : nil) }
            return try counted(reader, Search(query(cells[1]), filters: filters, limit: 0, facets: requests))
        case "SORT":
            let found = try reader.search(
                Search(
                    query(cells[1]), filters: [.term(field: "tenth", cells[2])], order: .field("size", ascending: false)
                ))
            return ([found.total ?? 0] + found.hits.map(\.document)).map { "\($0)" }.joined(separator: " ")
        case "PREFIX_COUNT": return try count(reader, .pattern(field: "text", .prefix(cells[1])))
        case "PREFIX_TOP": return try top(reader, .pattern(field: "text", .prefix(cells[1])))
        case "WILDCARD_COUNT": return try count(reader, .pattern(field: "text", .wildcard(cells[1])))
        case "WILDCARD_TOP": return try top(reader, .pattern(field: "text", .wildcard(cells[1])))
        case "FUZZY1_TOP": return try top(reader, .fuzzy(field: "text", FuzzyTerm(cells[1], edits: 1, prefix: 0)))
        case "FUZZY2_TOP": return try top(reader, .fuzzy(field: "text", FuzzyTerm(cells[1], edits: 2, prefix: 0)))
        default: return "UNSUPPORTED"
        }
    }

    private static func counted(_ reader: IndexReader, _ search: Search) throws -> String {
        let found = try reader.search(search)
        let counts = found.facets.map { facet in facet.values.map { " \($0.count)" }.joined() }
        return "\(found.total ?? 0)" + counts.map { " |" + $0 }.joined()
    }

    private static func count(_ reader: IndexReader, _ query: Query) throws -> String {
        "\(try reader.search(Search(query, limit: 0)).total ?? 0)"
    }

    private static func top(_ reader: IndexReader, _ query: Query) throws -> String {
        "\(try reader.search(Search(query, limit: 10, countsMatches: false)).hits.count)"
    }

    static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
