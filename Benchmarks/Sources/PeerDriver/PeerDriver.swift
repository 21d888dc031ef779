// Question: how does the engine compare with Lucene, tantivy and others on the same corpora and queries, in one run?
// Corpus and rivals: the peers' driver, which calls `index DIR` and `query DIR` of every engine (see
// Benchmarks/README.md). This program is Quire's side of that protocol.

import Analyzer
@preconcurrency import Glibc
import Indexer
import Searching
import Segments
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

    /// JSON lines with `id` and `text` on standard input become one segment, or as many as SEGMENTS says.
    static func index(_ directory: String) throws {
        let schema = try Schema(
            key: "id", unknown: .ignore,
            fields: [Field("id", .keyword), Field("text", .text, analyzer: "peers", stored: false)])
        // THREADS is 1 or "default", which is the two that the writer can use; SEGMENTS is for measuring several.
        let threads = variable("THREADS") == 1 ? 1 : 2
        let segments = variable("SEGMENTS") ?? 1
        let memory = (variable("MEMORY_MB") ?? 1024) << 20
        let writer = try IndexWriter(
            IndexFolder(directory), .empty(schema), memoryLimit: memory, threads: threads)
        var reader = try DocumentReader(ByteSource("-"), .ndjson, schema)
        var document = DocumentBuffer()
        while try reader.next(into: &document) { try writer.add(document) }
        try writer.merge(to: segments)
        try writer.commit()
        fputs("\(writer.documents) documents\n", stderr)
    }

    /// A number from the environment.
    static func variable(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

    /// Commands on standard input, one answer a line.
    static func query(_ directory: String) throws {
        var reader = try IndexReader(IndexFolder(directory))
        // DELETED is a percentage of documents to leave out, spread evenly.
        if let share = variable("DELETED"), share > 0 {
            reader = try reader.deleting((0..<reader.documents).filter { $0 &* 7919 % 100 < share })
        }
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
        let counts = command == "COUNT" || command == "TOP_10_COUNT"
        let result = try reader.search(Search(parse(text, &tokens), limit: limit, countsMatches: counts))
        let end = nanoseconds()
        var out = "\(result.total ?? result.hits.count)\t\(end - start)"
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
        var text = text
        return text.withUTF8 { bytes in
            guard let first = bytes.first else { return .none }
            if first == UInt8(ascii: "\"") { return words(bytes.extracting(1..<(bytes.count - 1)), &tokens) }
            if !bytes.contains(UInt8(ascii: " ")), first != UInt8(ascii: "+") { return words(bytes, &tokens) }
            var queries: [Query] = []
            for part in bytes.split(separator: UInt8(ascii: " ")) {
                let isPlus = part.first == UInt8(ascii: "+")
                queries.append(words(UnsafeBufferPointer(rebasing: isPlus ? part.dropFirst() : part), &tokens))
            }
            if queries.count == 1 { return queries[0] }
            return first == UInt8(ascii: "+") ? .and(queries) : .or(queries)
        }
    }

    /// A word; several tokens in a row, as of a Chinese word, are a phrase.
    static func words(_ text: UnsafeBufferPointer<UInt8>, _ tokens: inout TokenBuffer) -> Query {
        TextAnalyzer.peers.analyze(text, into: &tokens)
        if tokens.count == 1 { return .term(field: "text", String(decoding: tokens.term(0), as: UTF8.self)) }
        return .phrase(
            field: "text",
            (0..<tokens.count).map {
                Query.PhraseTerm(String(decoding: tokens.term($0), as: UTF8.self), at: Int(tokens.position[$0]))
            })
    }

    static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
