import Foundation
import Searching
import Testing

@testable import Catalog

/// Hostile input: any pasted text has a reply, or a problem with a hint, within the time.
@Suite struct PastedTextTests {
    /// A thousand strings, the same in every run, made of pieces that have broken search boxes.
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
        var strings = pieces
        for piece in pieces { strings.append(String(repeating: piece, count: 40)) }
        for letter in ["a", "的", "(", "\"", "*", "-", " ", "😀", "\u{301}"] {
            for length in [900, 1000, 10_000] { strings.append(String(repeating: letter, count: length)) }
        }
        var random = RandomSource(seed: 5)
        while strings.count < 1000 {
            let count = 1 + random.below(8)
            strings.append(
                (0..<count).map { _ in pieces[random.below(pieces.count)] }.joined(
                    separator: random.below(2) == 0 ? " " : ""))
        }
        return strings
    }()

    /// Pseudo-random numbers, the same in every run.
    struct RandomSource {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func below(_ end: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % end
        }
    }

    @Test func filtersMayBeNestedUpToTheLimit() throws {
        let (_, searcher) = try BookShelf.searcher()
        var nest = "year:>2000"
        for _ in 0..<(FilterParser.maxDepth - 1) { nest = "(\(nest) && language:=zh || language:=en)" }
        let request = try SearchRequest(parameters: [("filter", nest), ("facets", "language")])
        #expect(try searcher.search(request).found == 5)
        #expect(throws: RequestProblem.self) { try SearchRequest(parameters: [("filter", "(((\(nest))))")]) }
    }

    /// A question of 300 words, or of as many Chinese characters, is answered; a text of 401 is refused.
    @Test(arguments: ["python ", "编", "é. "]) func questionsAreLimitedByUnits(_ unit: String) throws {
        let (_, searcher) = try BookShelf.searcher()
        let question = try SearchRequest(parameters: [("q", String(repeating: unit, count: 300))])
        #expect(try searcher.search(question).query.count >= 300)
        let longest = String(repeating: unit, count: SearchRequest.maxQueryUnits)
        _ = try SearchRequest(parameters: [("q", longest)])
        #expect(throws: RequestProblem.self) { try SearchRequest(parameters: [("q", longest + unit)]) }
    }

    @Test func anyQueryHasAReply() throws {
        let (_, searcher) = try BookShelf.searcher()
        var replies = 0
        for text in Self.strings {
            let request: SearchRequest
            do throws(RequestProblem) {
                request = try SearchRequest(parameters: [("q", text), ("explain", "true")])
            } catch {
                #expect(error.code == "query_too_long")
                let isLong = text.utf8.count > SearchRequest.maxQueryBytes
                #expect(isLong || SearchRequest.units(text) > SearchRequest.maxQueryUnits)
                continue
            }
            let reply = try searcher.search(request)
            #expect(reply.query == text)
            #expect(reply.tiers.reduce(0) { $0 + $1.found } >= reply.hits.count)
            #expect(!reply.partial)
            #expect(reply.isValidJSON)
            for hit in reply.hits { for highlight in hit.highlights.values { expectMarkup(highlight) } }
            replies += 1
        }
        #expect(Self.strings.count == 1000)
        #expect(replies > 960)
    }

    /// Expects that the only markup of a highlight is pairs of `<mark>` and `</mark>`.
    private func expectMarkup(_ highlight: SearchReply.Highlight) {
        let texts: [String]
        switch highlight {
        case .one(let text): texts = [text]
        case .many(let values): texts = values
        }
        for text in texts {
            var remaining = Substring(text)
            while let open = remaining.firstRange(of: "<mark>") {
                guard let close = remaining.firstRange(of: "</mark>"), open.upperBound < close.lowerBound else {
                    Issue.record("marks do not pair in \(text)")
                    return
                }
                #expect(!remaining[..<open.lowerBound].contains("<"))
                #expect(!remaining[open.upperBound..<close.lowerBound].contains("<"))
                remaining = remaining[close.upperBound...]
            }
            #expect(!remaining.contains("<"))
            #expect(!remaining.contains(">"))
        }
    }

    /// The same strings as values of parameters with a grammar: they are accepted, or refused with a hint.
    @Test(arguments: ["filter", "facets", "sort", "after", "collapse", "page", "timeout_ms", "highlight"])
    func anyParameterIsAcceptedOrRefused(_ name: String) throws {
        let (shelf, searcher) = try BookShelf.searcher()
        let store = CatalogStore(shelf.folder)
        let prefixes =
            name == "filter"
            ? ["", "language:=", "year:", "!("] : name == "facets" ? ["", "author(", "year(by "] : [""]
        for text in Self.strings {
            for prefix in prefixes {
                do {
                    let request = try SearchRequest(parameters: [("q", "python"), (name, prefix + text)])
                    let reply = try request.after == nil ? searcher.search(request) : store.search("books", request)
                    #expect(reply.tiers.reduce(0) { $0 + $1.found } >= reply.hits.count)
                    #expect(reply.isValidJSON)
                } catch let problem as RequestProblem {
                    #expect(!problem.hint.isEmpty)
                    #expect(problem.param == name)
                } catch CatalogError.request(let problem) {
                    #expect(!problem.hint.isEmpty)
                    #expect(problem.param == name)
                }
            }
        }
    }
}
