import TestSupport
import Testing

@testable import Indexer

@Suite struct SeparatedValuesTests {
    @Test(arguments: [
        ("a,b c", ["t=b c"]), ("a,\"b,c\"", ["t=b,c"]), ("a,\"b\"\"c\"", ["t=b\"c"]), ("a,\"\"\"\"", ["t=\""]),
        ("a,\"\"", []), ("a,", []),
        ("a,\"x\ny\"", ["t=x\ny"]), ("a,\"\n\n\"", ["t=\n\n"]), ("a, b ", ["t= b "]), ("a,b\"c\"d", ["t=b\"c\"d"]),
        ("\"a\",b", ["t=b"]),
        ("a,é漢🎉", ["t=é漢🎉"]), ("a,\"\t\"", ["t=\t"]),
    ])
    func recordsAreSplitIntoCells(_ line: String, _ expected: [String]) throws {
        for end in ["", "\n", "\r\n", "\n\n\n"] {
            #expect(
                try records("id,t\n" + line + end, .csv) == [.document(["id=a"] + expected)], "\(line.debugDescription)"
            )
        }
    }

    /// RFC 4180: line breaks, CRLF included, belong to a quoted cell as they are.
    @Test func carriageReturnsInsideQuotesStay() throws {
        #expect(try records("id,t\r\na,\"x\r\ny\"\r\n", .csv) == [.document(["id=a", "t=x\r\ny"])])
    }

    @Test(arguments: ["a,\"b\"c", "a,\"b\" ,c", "a", "a,b,c", "a,\"b\",c"])
    func malformedRecordsDoNotEndTheFile(_ line: String) throws {
        let all = try records("id,t\n" + line + "\nz,9\n", .csv)
        #expect(all.count == 2, "\(all)")
        #expect(all.first?.problem != nil, "\(all)")
        #expect(all.last == .document(["id=z", "t=9"]), "\(all)")
        guard case .problem(line: 2, _)? = all.first else { return #expect(Bool(false), "\(all)") }
    }

    /// A stray quote would swallow the rest, so it ends the file, even when malformed records are skipped.
    @Test func anOpenQuoteEndsTheFile() throws {
        let atEnd = try records("id,t\na,b\nc,\"d\ne,f\n", .csv)
        #expect(atEnd.count == 2)
        #expect(atEnd.first == .document(["id=a", "t=b"]))
        #expect(Self.isUnusable(atEnd.last, "line 3: a quote in this record is not closed before the end"))
        let lines = (0..<2000).map { "k\($0),v" }.joined(separator: "\n")
        let far = try records("id,t\nx,\"open\n" + lines, .csv)
        #expect(far.count == 1)
        #expect(Self.isUnusable(far.last, "line 2: a quote in this record is not closed within 1000 lines"))
    }

    private static func isUnusable(_ record: Record?, _ problem: String) -> Bool {
        if case .unusable(let text)? = record { return text.contains(problem) }
        return false
    }

    /// A malformed header is reported as such; no other line replaces it.
    @Test func brokenHeadersEndTheFile() throws {
        let broken = try records("\"id\"x,t\na,b\n", .csv)
        #expect(broken.count == 1)
        #expect(Self.isUnusable(broken.last, "line 1, the header:"))
        let twice = try records("id,t,id\na,b,c\n", .csv)
        #expect(twice.count == 1)
        #expect(Self.isUnusable(twice.last, "twice"))
    }

    @Test func tsvHasNoQuoting() throws {
        #expect(
            try records("id\tt\na\t\"b\nc\td,e\n", .tsv) == [
                .document(["id=a", "t=\"b"]), .document(["id=c", "t=d,e"]),
            ])
    }

    @Test func columnsInAnyOrderAndNumbersFromText() throws {
        #expect(
            try records("x,n,tags,id\n1.5,-7,red,k\n,,,l\n+2,+3,,m\n", .csv) == [
                .document(["x=1.5", "n=-7", "tags=red", "id=k"]), .document(["id=l"]),
                .document(["x=2.0", "n=3", "id=m"]),
            ])
        for bad in ["1.5", "1e3", "x", " 1", "9223372036854775808", "0x1"] {
            let all = try records("id,n\nk,\(bad)\n", .csv)
            #expect(all.count == 1, "\(bad): \(all)")
            #expect(all.first?.problem?.contains("whole number") == true, "\(bad): \(all)")
        }
        for bad in ["x", "nan", "inf", "1e999", "0x1p3", "1,5", "--1", "-"] {
            let all = try records("id,x\nk,\"\(bad)\"\n", .csv)
            #expect(all.count == 1, "\(bad): \(all)")
            #expect(all.first?.problem?.contains("a number") == true, "\(bad): \(all)")
        }
    }

    @Test func headersAreChecked() throws {
        let unknown = try records("id,colour\na,b\n", .csv)
        guard case .unusable(let problem)? = unknown.first else { return #expect(Bool(false), "\(unknown)") }
        #expect(problem.contains("\"colour\""))
        #expect(unknown.count == 1)
        #expect(try records("id,colour\na,b\n", .csv, unknown: .ignore) == [.document(["id=a"])])
        #expect(try records("", .csv) == [])
        #expect(try records("id,t\n", .csv) == [])
        #expect(try records("id,t", .csv) == [])
        #expect(try records("\"id\",\"t\"\na,b", .csv) == [.document(["id=a", "t=b"])])
    }

    @Test func linesAreCountedThroughQuotedBreaks() throws {
        let (all, _, lines) = try records(Array("id,t\na,\"1\n2\n3\"\n\nb,x\nc\n".utf8), .csv, inputSchema())
        #expect(lines == [2, 6])
        #expect(all.last == .problem(line: 7, "expected 2 columns as in the header, found 1"))
    }
}
