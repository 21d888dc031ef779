import Foundation
import Indexer
import Testing

@testable import Catalog

/// What shoppers paste into a search box: there is an answer or an error that says what is wrong, within the time.
@Suite struct PastedTextTests {
    /// A thousand strings, the same each time: made of pieces that have broken search boxes.
    static let strings: [String] = {
        let pieces = [
            "😀", "👩‍👩‍👧‍👦", "🇨🇳", "\"", "“", "”", "'", "`", "(", ")", "((((", "[", "]", "{", "}", "<b>",
            "</script>", "&amp;",
            "*", "**",
            "?", "~", "~2", "^", "^9", ":", "title:", "id:=", "author:[", "||", "&&", "!", "-", "--", "+",
            "OR", "a OR",
            "AND",
            "NOT", "TO", "\\", "\\u0000", "%00", "%", "_", "'; DROP TABLE books;--", "\u{0}", "\u{1}", "\u{7F}",
            "\u{FEFF}", "\u{202E}",
            "\u{200B}", "\u{200D}", "\u{300}\u{301}\u{302}", "שלום עולם", "مرحبا", "नमस्ते", "ไทยไม่มีวรรค",
            "한국어", "カタカナ",
            "ｶﾀｶﾅ", "ＡＢＣ",
            "三体", "三 体", "叁體", "𠮷野家", "python", "Python", "PYTHON", "ﬁ", "ß", "İ", "ı", "é", "e\u{301}",
            "\r\n", "\t",
            "\u{3000}", "，",
            "。", "……", "——", "《三体》", "9787536692930", "978-7-5366-9293-0", "https://example.org/?q=1&b=2#x",
            "1e309",
            "-0", "NaN",
            "null", "undefined", "../../etc/passwd", "$(reboot)", "${x}", "{{7*7}}", "\u{10FFFF}",
            "\u{E000}", "ℵ", "½",
            "Ⅷ", "㍿",
            "a", "的",
        ]
        var all = pieces
        for piece in pieces { all.append(String(repeating: piece, count: 40)) }
        for letter in ["a", "的", "(", "\"", "*", "-", " ", "😀", "\u{301}"] {
            for length in [900, 1000, 10_000] { all.append(String(repeating: letter, count: length)) }
        }
        var random = RandomSource(seed: 5)
        while all.count < 1000 {
            let count = 1 + random.below(8)
            all.append(
                (0..<count).map { _ in pieces[random.below(pieces.count)] }.joined(
                    separator: random.below(2) == 0 ? " " : ""))
        }
        return all
    }()

    /// Numbers that look random and are the same each time.
    struct RandomSource {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func below(_ end: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % end
        }
    }

    /// Conditions inside each other, as deep as they may stand.
    @Test func nestsOfConditionsAreRead() throws {
        let (_, searcher) = try BookShelf.searcher()
        var nest = "year:>2000"
        for _ in 0..<(FilterParser.deepest - 1) { nest = "(\(nest) && language:=zh || language:=en)" }
        let request = try SearchRequest(parameters: [("filter", nest), ("facets", "language")])
        #expect(try searcher.search(request).found == 5)
        #expect(throws: RequestProblem.self) { try SearchRequest(parameters: [("filter", "(((\(nest))))")]) }
    }

    @Test func wordsAreAnswered() throws {
        let (_, searcher) = try BookShelf.searcher()
        var answered = 0
        for text in Self.strings {
            let request: SearchRequest
            do throws(RequestProblem) {
                request = try SearchRequest(parameters: [("q", text), ("explain", "true")])
            } catch {
                #expect(error.code == "query_too_long" && text.utf8.count > SearchRequest.longestQuery)
                continue
            }
            let reply = try searcher.search(request)
            #expect(reply.query == text && reply.found >= reply.hits.count && !reply.partial)
            _ = try JSONEncoder().encode(reply)
            for hit in reply.hits { for highlight in hit.highlights.values { expectMarkup(highlight) } }
            answered += 1
        }
        #expect(Self.strings.count == 1000 && answered > 960)
    }

    /// The only markup of a highlight is pairs of `<mark>`.
    private func expectMarkup(_ highlight: SearchReply.Highlight) {
        let texts: [String]
        switch highlight {
        case .one(let text): texts = [text]
        case .many(let some): texts = some
        }
        for text in texts {
            var rest = Substring(text)
            while let open = rest.firstRange(of: "<mark>") {
                guard let close = rest.firstRange(of: "</mark>"), open.upperBound < close.lowerBound else {
                    Issue.record("marks do not pair in \(text)")
                    return
                }
                #expect(
                    !rest[..<open.lowerBound].contains("<") && !rest[open.upperBound..<close.lowerBound].contains("<"))
                rest = rest[close.upperBound...]
            }
            #expect(!rest.contains("<") && !rest.contains(">"))
        }
    }

    /// The same strings where a grammar is expected: read, or refused with the place of what is wrong.
    @Test(arguments: ["filter", "facets", "sort", "after", "collapse", "page", "timeout_ms", "highlight"])
    func otherParametersAreAnsweredOrRefused(_ name: String) throws {
        let (shelf, searcher) = try BookShelf.searcher()
        let store = CatalogStore(shelf.folder)
        let beginnings =
            name == "filter"
            ? ["", "language:=", "year:", "!("] : name == "facets" ? ["", "author(", "year(by "] : [""]
        for text in Self.strings {
            for beginning in beginnings {
                do {
                    let request = try SearchRequest(parameters: [("q", "python"), (name, beginning + text)])
                    let reply = try request.after == nil ? searcher.search(request) : store.search("books", request)
                    #expect(reply.found >= reply.hits.count)
                    _ = try JSONEncoder().encode(reply)
                } catch let problem as RequestProblem {
                    #expect(!problem.hint.isEmpty && problem.param == name)
                } catch CatalogError.request(let problem) {
                    #expect(!problem.hint.isEmpty && problem.param == name)
                }
            }
        }
    }
}
