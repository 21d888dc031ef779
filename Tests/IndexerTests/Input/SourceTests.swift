import FoundationEssentials
import Storage
import TestSupport
import Testing

@testable import Indexer

@Suite struct SourceTests {
    private func read(_ bytes: [UInt8], _ format: InputFormat = .ndjson) throws -> (
        all: [Record], repairs: Int, lines: [Int]
    ) {
        try records(bytes, format, inputSchema())
    }

    @Test func byteOrderMarksAndBlankLinesAreSkipped() throws {
        let text = "\u{FEFF}{\"id\":\"a\"}\r\n\r\n   \t\n{\"id\":\"b\"}\n{\"id\":\"c\"}"
        let (all, _, lines) = try read(Array(text.utf8))
        #expect(all == ["a", "b", "c"].map { .document(["id=\($0)"]) })
        #expect(lines == [1, 4, 5])
        #expect(try read([]).all == [])
        #expect(try read(Array("\n\n".utf8)).all == [])
        #expect(try read(Array("\u{FEFF}id,t\r\na,b\r\n".utf8), .csv).all == [.document(["id=a", "t=b"])])
    }

    @Test func errorsNameTheirLineAndReadingGoesOn() throws {
        let (all, _, _) = try read(
            Array("{\"id\":\"a\"}\n\nnot json\n{\"id\":\"b\"}\n{\"id\":1}\n{\"id\":\"c\"}\n".utf8))
        #expect(all.count == 5)
        guard case .problem(line: 3, _) = all[1], case .problem(line: 5, _) = all[3] else {
            return #expect(Bool(false), "\(all)")
        }
        #expect(all[4] == .document(["id=c"]))
    }

    @Test func illFormedTextIsRepairedAndCounted() throws {
        let line =
            Array("{\"id\":\"".utf8) + [0xFF, 0x61, 0xE2, 0x82, 0x62, 0xC0, 0x80] + Array("\"}\n{\"id\":\"ok\"}\n".utf8)
        let (all, repairs, _) = try read(line)
        #expect(all == [.document(["id=\u{FFFD}a\u{FFFD}b\u{FFFD}\u{FFFD}"]), .document(["id=ok"])])
        #expect(repairs == 4)
    }

    @Test func halvesOfSurrogatePairsAreRepairedAndCounted() throws {
        let lines = [
            #"{"id":"\ud83d\ude00","t":"whole"}"#, #"{"id":"a","t":"\ud83d \ude00\uD800\ud800\udc00"}"#,
            #"{"id":"b","t":"\ufffd�"}"#, #"{"id":"c","t":"\udfff"}"#,
        ]
        let (all, repairs, _) = try read(Array(lines.joined(separator: "\n").utf8))
        #expect(
            all == [
                .document(["id=😀", "t=whole"]), .document(["id=a", "t=\u{FFFD} \u{FFFD}\u{FFFD}\u{10000}"]),
                .document(["id=b", "t=\u{FFFD}\u{FFFD}"]), .document(["id=c", "t=\u{FFFD}"]),
            ])
        #expect(repairs == 4)
    }

    /// Lines of lengths around the reader's buffer sizes, one of several megabytes among them.
    @Test func longLinesCrossRefills() throws {
        var random = SplitMix64(seed: 31)
        var bytes: [UInt8] = []
        var expected: [Int] = []
        for length in [1 << 18, (1 << 18) - 1, 1 << 19, (1 << 20) - 12, 1 << 20, 3_500_000, 10, 700_000] {
            let text = String(repeating: random.pick(["a", "é"]), count: length)
            expected.append(text.utf8.count)
            bytes += Array("{\"id\":\"1\",\"t\":\"\(text)\"}\n".utf8)
        }
        let all = try read(bytes).all
        let sizes = all.map { record -> Int in
            guard case .document(let values) = record else { return -1 }
            return values[1].utf8.count - 2
        }
        #expect(sizes == expected)
    }

    @Test func aFileWithoutLineBreaksFailsSoon() throws {
        let (all, _, _) = try read(Array("{\"id\":\"".utf8) + [UInt8](repeating: 97, count: 66 << 20))
        guard case .unusable(let problem)? = all.first else { return #expect(Bool(false)) }
        #expect(all.count == 1)
        #expect(problem.contains("64 MB"))
    }

    /// Returns a gzip member of stored blocks, so that no compressor is needed here.
    private func gzipped(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var remaining = bytes[...]
        repeat {
            let part = remaining.prefix(65_535)
            remaining = remaining.dropFirst(part.count)
            let n = UInt16(part.count)
            out += [remaining.isEmpty ? 1 : 0, UInt8(n & 255), UInt8(n >> 8), UInt8(~n & 255), UInt8(~n >> 8)] + part
        } while !remaining.isEmpty
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        for word in [~crc, UInt32(truncatingIfNeeded: bytes.count)] {
            for i in 0..<4 { out.append(UInt8(word >> UInt32(8 * i) & 255)) }
        }
        return out
    }

    @Test func gzipIsReadWhateverTheNameAndMembersFollowEachOther() throws {
        let lines = (0..<20_000).map { "{\"id\":\"key number \($0)\"}" }.joined(separator: "\n")
        let bytes = Array(lines.utf8)
        let expected = try read(bytes).all
        #expect(expected.count == 20_000)
        #expect(try read(gzipped(bytes)).all == expected)
        #expect(
            try read(gzipped(Array(bytes.prefix(100_001))) + gzipped(Array(bytes.dropFirst(100_001)))).all == expected)
        #expect(try read(gzipped([])).all == [])
    }

    @Test func brokenGzipIsAnError() throws {
        let whole = gzipped(Array((0..<9000).map { "{\"id\":\"\($0)\"}\n" }.joined().utf8))
        for length in [3, 10, 12, 70_000, whole.count - 9, whole.count - 8, whole.count - 1] {
            guard case .source(.truncated)? = try read(Array(whole.prefix(length))).all.last else {
                Issue.record("cut at \(length)")
                continue
            }
        }
        var corrupted = whole
        corrupted[50_000] ^= 1
        guard case .source(.corrupt)? = try read(corrupted).all.last else {
            return #expect(Bool(false), "a wrong checksum")
        }
        corrupted = whole
        corrupted[11] ^= 0xFF
        guard case .source(.corrupt)? = try read(corrupted).all.last else {
            return #expect(Bool(false), "a wrong block")
        }
    }

    @Test func formatsAreGuessedFromNames() {
        let formats: [(String, InputFormat?)] = [
            ("a.jsonl", .ndjson), ("/x/a.NDJSON", .ndjson), ("a.csv.gz", .csv), ("a.tsv", .tsv), ("a.tab", .tsv),
            ("a.b.csv", .csv),
            ("csv", nil), ("a.txt", nil), ("/dir.csv/file", nil), ("-", nil),
        ]
        for (name, format) in formats { #expect(InputFormat.guess(name) == format, "\(name)") }
    }
}
