// Question: how does the engine compare with Lucene, tantivy and others on the same corpora and queries, in one run?
// Corpus and rivals: the peers' driver, which calls `index DIR` and `query DIR` of every engine (see
// Benchmarks/README.md). This program is Quire's side of that protocol.

import Analyzer
@preconcurrency import Glibc
import Indexer
import Storage

@main
struct PeerDriver {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, ["index", "query"].contains(arguments[1]) else {
            fputs("usage: PeerDriver index DIR < documents.jsonl | PeerDriver query DIR < commands.tsv\n", stderr)
            exit(64)
        }
        do {
            if arguments[1] == "index" { try index(arguments[2]) } else { try query(arguments[2]) }
        } catch {
            fputs("PeerDriver: \(error)\n", stderr)
            exit(1)
        }
    }

    /// JSON lines with `id` and `text` on standard input become one segment.
    static func index(_ directory: String) throws {
        let schema = try Schema(
            key: "id", unknown: .ignore,
            fields: [Field("id", .keyword), Field("text", .text, analyzer: "peers", stored: false)])
        let writer = try IndexWriter(IndexFolder(directory), .empty(schema), memoryLimit: 1 << 30)
        var reader = try DocumentReader(ByteSource("-"), .ndjson, schema)
        var document = DocumentBuffer()
        while try reader.next(into: &document) { try writer.add(document) }
        try writer.merge(to: 1)
        try writer.commit()
        fputs("\(writer.documents) documents\n", stderr)
    }

    /// Commands on standard input, one answer a line.
    static func query(_ directory: String) throws {
        let reader = try IndexReader(IndexFolder(directory))
        var tokens = TokenBuffer()
        while let line = readLine() {
            guard let tab = line.firstIndex(of: "\t") else { continue }
            print(try answer(String(line[..<tab]), String(line[line.index(after: tab)...]), reader, &tokens))
            fflush(stdout)
        }
    }

    static func answer(
        _ command: String, _ text: String, _ reader: IndexReader, _ tokens: inout TokenBuffer
    ) throws -> String {
        let limits = ["COUNT": 0, "TOP_10": 10, "HITS_10": 10, "TOP_100": 100, "TOP_10_COUNT": 10]
        guard let limit = limits[command] else { return "UNSUPPORTED" }
        let start = nanoseconds()
        let result = try reader.search(Search(parse(text, &tokens), limit: limit))
        let end = nanoseconds()
        let counts = command == "COUNT" || command == "TOP_10_COUNT"
        var out = "\(counts ? result.total : result.hits.count)\t\(end - start)"
        if command == "HITS_10" {
            let hits = try result.hits.map { hit in
                let document = try reader.document(hit.document)
                guard case .text(let id)? = document["id"] else { return "?" }
                return "\(id)\u{1e}\(hit.score)"
            }
            out += "\t" + hits.joined(separator: "\u{1f}")
        }
        return out
    }

    /// `+a +b`, `a b`, `"a b"`, `a`.
    static func parse(_ text: String, _ tokens: inout TokenBuffer) -> Query {
        if text.utf8.first == UInt8(ascii: "\"") { return words(text.dropFirst().dropLast(), &tokens) }
        let parts = text.split(separator: " ")
        let isAnd = text.utf8.first == UInt8(ascii: "+")
        let queries = parts.map { words($0.utf8.first == UInt8(ascii: "+") ? $0.dropFirst() : $0, &tokens) }
        if queries.count == 1 { return queries[0] }
        return isAnd ? .and(queries) : .or(queries)
    }

    /// A word; several tokens in a row, as of a Chinese word, are a phrase.
    static func words(_ text: Substring, _ tokens: inout TokenBuffer) -> Query {
        TextAnalyzer.peers.analyze(String(text), into: &tokens)
        let terms = (0..<tokens.count).map {
            Query.PhraseTerm(String(decoding: tokens.term($0), as: UTF8.self), at: Int(tokens.position[$0]))
        }
        return terms.count == 1 ? .term(field: "text", terms[0].term) : .phrase(field: "text", terms)
    }

    static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
