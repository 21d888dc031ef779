import Testing

@testable import Catalog

@Suite struct RequestTests {
    @Test func readsAllParameters() throws {
        let request = try SearchRequest(parameters: [
            ("q", "三体"), ("page", "2"), ("per_page", "5"), ("filter", "a:=`x y` && b:=[1, `2,3`]"), ("facets", "a, b"),
            ("sort", "year:desc"), ("highlight", "false"),
        ])
        #expect(request.q == "三体" && request.page == 2 && request.perPage == 5 && !request.highlight)
        #expect(request.filter == [.init(field: "a", values: ["x y"]), .init(field: "b", values: ["1", "2,3"])])
        #expect(request.facets == ["a", "b"])
        #expect(request.sort == .init(field: "year", ascending: false))
    }

    @Test(
        "a bad parameter is refused by name",
        arguments: [
            ("foo", "1", "unknown_parameter"), ("page", "0", "bad_value"), ("page", "-1", "bad_value"),
            ("page", "x", "bad_value"),
            ("page", "99999999999999999999", "bad_value"), ("page", "10000", "page_too_deep"),
            ("per_page", "101", "bad_value"),
            ("sort", "a:b", "bad_value"), ("sort", ":asc", "bad_value"), ("highlight", "yes", "bad_value"),
            ("filter", "a", "bad_filter"), ("filter", "a:=", "bad_filter"), ("filter", "a:=`x", "bad_filter"),
            ("filter", "a:=x b:=y", "bad_filter"), ("filter", "a:=[x", "bad_filter"), ("filter", "a:=[]", "bad_filter"),
            ("filter", "a:=x &&", "bad_filter"), ("filter", "a:=x||b", "none"),
        ])
    func refuses(_ name: String, _ value: String, _ code: String) {
        do {
            _ = try SearchRequest(parameters: [(name, value)])
            #expect(code == "none")
        } catch {
            #expect(error.code == code && error.param == name)
        }
    }

    @Test func refusesRepeatsAndLength() {
        #expect(throws: RequestProblem.self) { try SearchRequest(parameters: [("q", "a"), ("q", "b")]) }
        #expect(throws: RequestProblem.self) {
            try SearchRequest(parameters: [("q", String(repeating: "长", count: 334))])
        }
        #expect(throws: Never.self) { try SearchRequest(parameters: [("q", String(repeating: "长", count: 333))]) }
    }

    @Test func filterValuesRoundTrip() throws {
        for value in ["a", "a b", "x && y", "[1,2]", "`", "\\", "`\\`", "C++", "日本", " ", "a\\"] {
            let quoted = "`" + value.replacing("\\", with: "\\\\").replacing("`", with: "\\`") + "`"
            let groups = try FilterParser.parse("f:=\(quoted) && g:=[\(quoted), b]")
            #expect(groups == [.init(field: "f", values: [value]), .init(field: "g", values: [value, "b"])])
        }
    }
}
