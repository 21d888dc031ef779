import Testing

@testable import Catalog

@Suite struct RequestTests {
    @Test func allParametersAreParsed() throws {
        let request = try SearchRequest(parameters: [
            ("q", "三体"), ("page", "2"), ("per_page", "5"), ("filter", "a:=`x y` && b:=[1, `2,3`]"), ("facets", "a, b"),
            ("sort", "year:desc"), ("highlight", "false"),
        ])
        #expect(request.q == "三体")
        #expect(request.page == 2)
        #expect(request.perPage == 5)
        #expect(request.highlight == .none)
        #expect(request.filter == .all([.values("a", ["x y"]), .values("b", ["1", "2,3"])]))
        #expect(request.facets == [RequestedFacet("a"), RequestedFacet("b")])
        #expect(request.sort == [.init("year", ascending: false)])
    }

    @Test(
        "a parameter that is not valid is refused by its name",
        arguments: [
            ("foo", "1", "unknown_parameter"), ("page", "0", "bad_value"), ("page", "-1", "bad_value"),
            ("page", "x", "bad_value"),
            ("page", "99999999999999999999", "bad_value"), ("page", "10000", "page_too_deep"),
            ("per_page", "101", "bad_value"),
            ("sort", "a:b", "bad_value"), ("sort", ":asc", "bad_value"), ("highlight", "", "bad_highlight"),
            ("highlight", "a b", "bad_highlight"),
            ("highlight", "a(passages 0)", "bad_highlight"), ("highlight", "a(whole; passages 2)", "bad_highlight"),
            ("highlight", "a(length 19)", "bad_highlight"), ("highlight", "a(x)", "bad_highlight"),
            ("facets", String(repeating: "a,", count: 4001), "facets_too_long"),
            ("facets", String(repeating: "a,", count: 21), "too_many_facets"),
            ("filter", "a:=" + String(repeating: "x", count: 8000), "filter_too_long"),
            ("highlight", String(repeating: "a,", count: 4001), "highlight_too_long"),
            ("fields", "a b", "bad_fields"), ("fields", "a, -b", "bad_fields"), ("fields", "-", "bad_fields"),
            ("fields", String(repeating: "a,", count: 4001), "fields_too_long"),
            ("facets", "a, b, a", "repeated_facet"), ("facets", "a(by week)", "bad_facet"),
            ("filter", "a", "bad_filter"), ("filter", "a:=", "bad_filter"), ("filter", "a:=`x", "bad_filter"),
            ("filter", "a:=x b:=y", "bad_filter"), ("filter", "a:=[x", "bad_filter"), ("filter", "a:=[]", "bad_filter"),
            ("filter", "a:=x &&", "bad_filter"), ("filter", "a:=x||b", "bad_filter"),
            ("filter", "(a:=x", "bad_filter"), ("filter", "a:=x)", "bad_filter"), ("filter", "a:..", "bad_filter"),
            ("filter", "a:5", "bad_filter"), ("filter", "!", "bad_filter"), ("filter", "a:>", "bad_filter"),
            ("filter", "a:=x|| !b:*", "none"), ("filter", "  ", "none"),
        ])
    func refuses(_ name: String, _ value: String, _ code: String) {
        do {
            _ = try SearchRequest(parameters: [(name, value)])
            #expect(code == "none")
        } catch {
            #expect(error.code == code)
            #expect(error.param == name)
        }
    }

    @Test func repeatedParametersAndLongQueriesAreRefused() {
        #expect(throws: RequestProblem.self) { try SearchRequest(parameters: [("q", "a"), ("q", "b")]) }
        #expect(throws: RequestProblem.self) {
            try SearchRequest(parameters: [("q", String(repeating: "长", count: 401))])
        }
        #expect(throws: Never.self) { try SearchRequest(parameters: [("q", String(repeating: "长", count: 400))]) }
    }

    @Test(arguments: [
        ("title, author", RequestedMembers.only(["title", "author"])), ("-a,-b.c", .allBut(["a", "b.c"])),
        ("", .only([])),
    ])
    func membersAreNamedOrLeftOut(_ value: String, _ members: RequestedMembers) throws {
        #expect(try SearchRequest(parameters: [("fields", value)]).members == members)
    }

    @Test func filterValuesRoundTrip() throws {
        for value in ["a", "a b", "x && y", "[1,2]", "`", "\\", "`\\`", "C++", "日本", " ", "a\\"] {
            let quoted = "`" + value.replacing("\\", with: "\\\\").replacing("`", with: "\\`") + "`"
            let filter = try FilterParser.parse("f:=\(quoted) && g:=[\(quoted), b]")
            #expect(filter == .all([.values("f", [value]), .values("g", [value, "b"])]))
        }
    }

    @Test func filterOperatorsHaveTheirPrecedence() throws {
        let a = Filter.values("a", ["1"])
        let b = Filter.values("b", ["2"])
        let c = Filter.test(field: "c", .exists)
        func parsed(_ text: String) throws -> Filter? { try FilterParser.parse(text) }
        #expect(try parsed("a:=1 || b:=2 && c:*") == .any([a, .all([b, c])]))
        #expect(try parsed("(a:=1||b:=2)&&!c:*") == .all([.any([a, b]), .not(c)]))
        #expect(try parsed("!(a:=1 && b:=2)") == .not(.all([a, b])))
        #expect(try parsed("a:!=1") == .not(a))
        #expect(try parsed(" ( a:=1 ) ") == a)
        func range(_ lower: Filter.Bound?, _ upper: Filter.Bound?) -> Filter {
            .test(field: "n", .range(lower: lower, upper: upper))
        }
        #expect(try parsed("n:1..2.5") == range(.init("1"), .init("2.5")))
        #expect(try parsed("n: -3 .. ") == range(.init("-3"), nil))
        #expect(try parsed("n:..`a..b` && c:*") == .all([range(nil, .init("a..b")), c]))
        #expect(try parsed("n:>1") == range(.init("1", isIncluded: false), nil))
        #expect(try parsed("n:>=1") == range(.init("1"), nil))
        #expect(try parsed("n:< 1") == range(nil, .init("1", isIncluded: false)))
        #expect(try parsed("n:<=1") == range(nil, .init("1")))
        #expect(try parsed("a:ab*d? && c:*") == .all([.test(field: "a", .wildcard("ab*d?")), c]))
        #expect(try parsed("a:`*(x)`") == .test(field: "a", .wildcard("*(x)")))
        #expect(
            try parsed("a:~`[a-z]{2,3}(x|y)` || c:`*`") == .any([.test(field: "a", .expression("[a-z]{2,3}(x|y)")), c]))
        #expect(try parsed("a:=x*") == .values("a", ["x*"]))
        #expect(throws: RequestProblem.self) { try FilterParser.parse("a:x") }
        let bound = Filter.Bound("Who?")
        #expect(try parsed("a:>=Who?") == .test(field: "a", .range(lower: bound, upper: nil)))
        func patterns(_ count: Int) -> String { Array(repeating: "a:b*", count: count).joined(separator: "||") }
        #expect(try parsed(patterns(10)) != nil)
        #expect(throws: RequestProblem.self) { try FilterParser.parse(patterns(11)) }
    }

    @Test func facetsAreParsed() throws {
        func parsed(_ text: String) throws -> [RequestedFacet] { try FacetParser.parse(text) }
        #expect(try parsed("") == [])
        #expect(try parsed(" a ,, b, ") == [RequestedFacet("a"), RequestedFacet("b")])
        #expect(
            try parsed("a(size 7; starting `x y`; a-z), b(under c/d), c(under)") == [
                RequestedFacet("a", .values(.init(size: 7, starting: "x y", isAlphabetic: true))),
                RequestedFacet("b", .values(.init(under: "c/d"))), RequestedFacet("c", .values(.init(under: ""))),
            ])
        #expect(
            try parsed("p(..50; 50..<100; 100..)") == [
                RequestedFacet(
                    "p",
                    .ranges([
                        .range(lower: nil, upper: .init("50")),
                        .range(lower: .init("50"), upper: .init("100", isIncluded: false)),
                        .range(lower: .init("100"), upper: nil),
                    ]))
            ])
        #expect(
            try parsed("y(by 2.5),z(distinct)") == [
                RequestedFacet("y", .histogram(width: 2.5)), RequestedFacet("z", .distinct),
            ])
    }

    @Test(arguments: [
        "a(", "a()", "a(size)", "a(size x)", "a(size 1001)", "a(size 1.5)", "a(by)", "a(by x)", "a(by 1; by 2)", "a b",
        "a(size 1; 2..3)", "a(2)", "a(..)", "a(starting)", "(a)", "a)", "a(sizes 3)",
        Array(repeating: "a", count: 21).joined(separator: ","),
        "a(" + Array(repeating: "1..2", count: 101).joined(separator: ";") + ")",
    ])
    func malformedFacetsAreRefused(_ text: String) {
        #expect(throws: RequestProblem.self) { try FacetParser.parse(text) }
    }

    @Test(arguments: [
        ("year:desc,title", [SearchRequest.Sort("year", ascending: false), .init("title", ascending: true)]),
        ("relevance", []), ("", []), (" ", []),
        (
            "relevance, a:asc:missing_first",
            [.init(nil, ascending: false), .init("a", ascending: true, missingFirst: true)]
        ),
        ("a:desc:missing_last", [.init("a", ascending: false)]),
    ])
    func sortKeysAreParsed(_ text: String, _ sort: [SearchRequest.Sort]) throws {
        #expect(try SearchRequest(parameters: [("sort", text)]).sort == sort)
    }

    @Test(arguments: ["a:up", "a:asc:last", "a:asc:missing_first:x", ":asc", "a,b,c,d,e"])
    func malformedSortKeysAreRefused(_ text: String) {
        #expect(throws: RequestProblem.self) { try SearchRequest(parameters: [("sort", text)]) }
    }

    @Test func filtersHaveLimits() {
        func isRefused(_ text: String) -> Bool { (try? FilterParser.parse(text)) == nil }
        #expect(isRefused(String(repeating: "(", count: 7000)))
        #expect(isRefused(String(repeating: "!", count: 21) + "a:*"))
        #expect(!isRefused(String(repeating: "!", count: 19) + "a:*"))
        #expect(isRefused(Array(repeating: "a:*", count: 101).joined(separator: "||")))
        #expect(isRefused("a:=[" + Array(repeating: "b", count: 101).joined(separator: ",") + "]"))
        #expect(isRefused(String(repeating: " ", count: 8001)))
    }
}
