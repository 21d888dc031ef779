import Analyzer
import Segments
import Testing

@testable import Catalog

/// The queries that rules are about.
@Suite struct RuleTableTests {
    private static func table(_ rules: String...) throws -> RuleTable {
        let list = rules.enumerated().map { #"{"id": "\#($0)", \#($1), "hide": ["x"]}"# }.joined(separator: ",")
        let schema = try Schema(json: Array(BookShelf.schema.utf8))
        return RuleTable(try Rule.list(json: Array("[\(list)]".utf8)), schema, .standard)
    }

    private static func ids(
        _ table: RuleTable, _ q: String, _ filter: String = "", at time: Int64 = 0
    ) throws -> [String] {
        var request = SearchRequest(q)
        request.filter = try FilterParser.parse(filter)
        return table.effects(of: request, at: time)?.ids ?? []
    }

    @Test func wholeQueriesAreComparedByTheirWords() throws {
        let table = try Self.table(#""query": {"is": ["Harry Potter", "三體"]}"#)
        for q in ["harry potter", "ＨＡＲＲＹ　ＰＯＴＴＥＲ", " Harry  Potter! ", "三体", "三體"] {
            #expect(try Self.ids(table, q) == ["0"], "\(q)")
        }
        for q in ["", "harry", "potter harry", "harry potter 3", "三体 全集", "体三", "!"] {
            #expect(try Self.ids(table, q) == [], "\(q)")
        }
    }

    @Test func partsAreFoundAnywhereAndBeginningsInFront() throws {
        let table = try Self.table(
            #""query": {"contains": "红楼"}"#, #""query": {"prefix": ["红楼", "cheap books"]}"#,
            #""query": {"contains": ["red chamber", "chamber"]}"#)
        #expect(try Self.ids(table, "紅樓夢") == ["0", "1"])
        #expect(try Self.ids(table, "曹雪芹 红楼梦") == ["0"])
        #expect(try Self.ids(table, "dream of the red chamber") == ["2"])
        #expect(try Self.ids(table, "red chambers of commerce") == [])
        #expect(try Self.ids(table, "cheap books by austen") == ["1"])
        #expect(try Self.ids(table, "cheap old books") == [])
        #expect(try Self.ids(table, "books cheap") == [])
    }

    @Test func browsingIsAnEmptyQuery() throws {
        let table = try Self.table(#""query": {"is": ""}"#, #""if_filter": "language:=zh""#)
        #expect(try Self.ids(table, "") == ["0"])
        #expect(try Self.ids(table, "  ") == ["0"])
        #expect(try Self.ids(table, "!") == [])
        #expect(try Self.ids(table, "", "language:=zh") == ["0", "1"])
    }

    @Test func filtersAreComparedByTheirParts() throws {
        let table = try Self.table(
            #""if_filter": "language:=zh && year:>2000""#, #""query": {"is": "a"}, "if_filter": "language:=[zh]""#)
        #expect(try Self.ids(table, "b", "author:=X && year:>2000 && language:=zh") == ["0"])
        #expect(try Self.ids(table, "b", "language:=zh") == [])
        #expect(try Self.ids(table, "b", "language:=zh || year:>2000") == [])
        #expect(try Self.ids(table, "a", "language:=zh") == ["1"])
        #expect(try Self.ids(table, "a", "language:=[zh, en]") == [])
        #expect(try Self.ids(table, "a") == [])
    }

    @Test func rulesCountFromTheirFirstToTheirLastDay() throws {
        let table = try Self.table(#""query": {"is": "a"}, "from": "1970-01-02", "until": "1970-01-03""#)
        let day: Int64 = 86_400_000
        #expect(table.boundary(after: 0) == day)
        #expect(table.boundary(after: day) == 3 * day)
        #expect(table.boundary(after: 3 * day) == nil)
        for (time, ids) in [(0, []), (day - 1, []), (day, ["0"]), (3 * day - 1, ["0"]), (3 * day, [])] {
            #expect(try Self.ids(table, "a", at: time) == ids, "\(time)")
        }
    }

    @Test func rulesThatDoNotFitAreLeftOut() throws {
        let table = try Self.table(
            #""query": {"is": "a"}, "filter": "pages:>3""#, #""query": {"contains": "!"}"#,
            #""query": {"is": "a"}, "boost": [{"filter": "year:=old", "factor": 2}]"#, #""query": {"is": "a"}"#,
            #""if_filter": " ""#)
        #expect(table.unfit.map(\.index) == [0, 1, 2, 4])
        #expect(
            table.unfit.map(\.problem.param) == ["filter", "query.contains[0]", "boost[0].filter", "if_filter"])
        #expect(try Self.ids(table, "a") == ["3"])
    }

    @Test func rulesOffAreNotLookedUp() throws {
        let table = try Self.table(#""query": {"is": "a"}"#)
        let off = try SearchRequest(parameters: [("q", "a"), ("rules", "off")])
        #expect(table.effects(of: off, at: 0) == nil)
        #expect(table.effects(of: SearchRequest("a"), at: 0) != nil)
    }
}
