// Question: how many instructions do the hot loops take? `instructions.py` runs this program under callgrind with two
// counts of calls and compares the difference with the thresholds in `instructions.json`: unlike time, that does not
// depend on what else the machine does.

import Analyzer
@preconcurrency import Glibc
import Indexer
import Kernels
import Searching
import Segments
import TestSupport

@main
struct HotLoops {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let calls = Int(arguments[2]) else {
            print(kernels.map(\.name).joined(separator: "\n"))
            print(queries.map(\.name).joined(separator: "\n"))
            exit(arguments.count == 1 ? 0 : 64)
        }
        if let kernel = kernels.first(where: { $0.name == arguments[1] }) {
            let work = Work()
            for i in 0..<calls { kernel.body(work, i) }
        } else if let query = queries.first(where: { $0.name == arguments[1] }) {
            let folder = try TemporaryFolder()
            let reader = try synthetic(folder)
            for _ in 0..<calls {
                let result = try reader.search(query.search)
                precondition(!result.hits.isEmpty || result.total ?? 0 > 0, "a query without matches measures nothing")
            }
        } else {
            fputs("there is no loop \(arguments[1])\n", stderr)
            exit(64)
        }
    }

    /// What kernels work on: one block of gaps of five bits, a window of documents.
    final class Work {
        let packed = UnsafeMutableRawPointer.allocate(byteCount: 2048, alignment: 64)
        let values = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
        let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: 1024)
        let other = UnsafeMutablePointer<UInt64>.allocate(capacity: 1024)
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
        var tokens = TokenBuffer()
        var sum = 0

        init() {
            var random = SplitMix64(seed: 5)
            for i in 0..<256 { values[i] = UInt32(random.below(15)) }
            LaneBlock.pack(values, width: 5, to: packed)
            LaneBlock.unpackAscending(packed, width: 5, base: 0, into: values)
            for i in 0..<1024 {
                bits[i] = random.next()
                other[i] = random.next()
            }
            for i in 0..<4096 { bytes[i] = random.below(6) == 0 ? 32 : UInt8(97 + random.below(26)) }
        }
    }

    /// A loop over a kernel, by its name.
    struct Loop {
        let name: String
        let body: (Work, Int) -> Void

        init(_ name: String, _ body: @escaping (Work, Int) -> Void) {
            self.name = name
            self.body = body
        }
    }

    static var kernels: [Loop] {
        [
            Loop("unpack-ascending") {
                LaneBlock.unpackAscending($0.packed, width: 5, base: UInt32($1 & 1), into: $0.values)
            },
            Loop("unpack") { LaneBlock.unpack($0.packed, width: 3, plus: UInt32($1 & 1), into: $0.values) },
            Loop("rank") { $0.sum &+= LaneBlock.lowerBound(of: UInt32($1 &* 7919 & 2047), in: $0.values) },
            Loop("set-bits") { work, _ in setBits256(work.bits, work.values, base: 0) },
            Loop("count-bits") { work, _ in work.sum &+= countBits(work.bits, words: 64) },
            Loop("intersect-bits") { work, _ in work.sum &+= intersectBits(work.bits, work.other, words: 64) },
            Loop("unite-unaligned") { work, _ in
                uniteUnaligned(work.bits, UnsafeRawPointer(work.other) + 1, words: 28)
            },
            Loop("crc32c-4k") { work, _ in
                work.sum &+= Int(CRC32C.checksum(UnsafeRawBufferPointer(start: work.bytes, count: 4096)))
            },
            Loop("analyze-4k") { work, _ in
                TextAnalyzer.peers.analyze(UnsafeBufferPointer(start: work.bytes, count: 4096), into: &work.tokens)
            },
        ]
    }

    /// Queries on 20,000 documents of a skewed vocabulary: words 0, 1, 2 … are ever rarer.
    static let queries: [(name: String, search: Search)] = {
        func term(_ n: Int) -> Query { .term(field: "text", "w\(n)") }
        let phrase = Query.phrase(
            field: "text", [Query.PhraseTerm("w1", at: 0), Query.PhraseTerm("w3", at: 1)])
        return [
            ("top-10-term", Search(term(4), limit: 10, countsMatches: false)),
            ("count-intersection", Search(.and([term(2), term(9)]), limit: 0)),
            ("count-union", Search(.or([term(2), term(9)]), limit: 0)),
            ("top-10-intersection", Search(.and([term(2), term(9)]), limit: 10, countsMatches: false)),
            ("top-10-union", Search(.or([term(2), term(9), term(60)]), limit: 10, countsMatches: false)),
            ("count-phrase", Search(phrase, limit: 0)),
        ]
    }()

    static func synthetic(_ home: TemporaryFolder) throws -> IndexReader {
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("text", .text, analyzer: "peers", stored: false)])
        let writer = try IndexWriter(folder, .empty(schema))
        var random = SplitMix64(seed: 11)
        var document = DocumentBuffer()
        for number in 0..<20_000 {
            let words = (0..<(3 + random.below(16))).map { _ in
                // Quadratic: word n has about 1 / sqrt(n) of the share of word 0.
                let x = random.below(1 << 12)
                return "w\((x * x) >> 14)"
            }
            document.reset()
            document.append(writer.members.key, text: "\(number)")
            document.append(1 - writer.members.key, text: words.joined(separator: " "))
            try writer.add(document)
        }
        try writer.commit()
        return try IndexReader(folder)
    }
}
