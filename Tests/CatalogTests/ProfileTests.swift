import Foundation
import Segments
import Testing

@testable import Catalog

@Suite struct ProfileTests {
    private static let schema = """
        {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
          {"name": "title_pinyin", "type": "text", "from": "title", "analyzer": "pinyin"},
          {"name": "kind", "type": "keyword"}, {"name": "year", "type": "integer"},
          {"name": "sold", "type": "boolean"}, {"name": "added", "type": "date"},
          {"name": "hidden", "type": "text", "stored": false}]}
        """

    /// Members without an effect are refused, and the error lists the possible ones.
    @Test(arguments: [
        (
            #""weights": {"title_pinyin": 1}"#,
            "\"title_pinyin\" does not fit the schema; fields of that kind: title, hidden"
        ),
        (#""weights": {"title": 1}, "display": {"titel": "title"}"#, "unknown member \"titel\""),
        (
            #""weights": {"title": 1}, "display": {"title": "name"}"#,
            "\"name\" does not fit the schema; stored members:"
        ),
        (
            #""weights": {"title": 1}, "display": {"details": ["year", "hidden"]}"#,
            "stored members: id, title, kind, year, sold, added"
        ),
        (
            #""weights": {"title": 1}, "facets": [{"field": "kind", "label": {}, "lable": {}}]"#,
            "unknown member \"lable\""
        ),
        (#""weights": {"title": 1}, "facets": [{"field": "year", "label": {}}]"#, "fields of that kind: kind, sold"),
        (
            #""weights": {"title": 1}, "sorts": [{"field": "year", "label": {}, "order": 1}]"#,
            "unknown member \"order\""
        ),
        (
            #""weights": {"title": 1}, "sorts": [{"field": "title", "label": {}}]"#,
            "fields of that kind: kind, year, sold, added"
        ),
        (
            #""weights": {"title": 1}, "facets": [{"field": "added", "label": {}, "by": 1}]"#,
            "fields of that kind: year"
        ),
        (
            #""weights": {"title": 1}, "facets": [{"field": "year", "label": {}, "by": "day"}]"#,
            "fields of that kind: added"
        ),
        (
            #""weights": {"title": 1}, "facets": [{"field": "added", "label": {}, "by": "week"}]"#,
            "one of day, month, year"
        ),
        (
            #""weights": {"title": 1}, "facets": [{"field": "kind", "label": {}, "by": 1}]"#,
            "the facet with \"by\" \"kind\" does not fit the schema; fields of that kind: year, sold"
        ),
        (#""weights": {"title": 1}, "facets": [{"field": "year", "label": {}, "by": 0}]"#, "must be above 0"),
        (#""weights": {"title": 1}, "sorts": [{"field": "year", "label": {}, "by": 5}]"#, "remove it from the sort"),
        (#""weights": {"title": 1}, "browse": "id""#, "fields of that kind: year, sold, added"),
    ])
    func refuses(members: String, problem: String) throws {
        let schema = try Schema(json: Array(Self.schema.utf8))
        let error = #expect(throws: CatalogError.self) {
            try SearchProfile(json: Array("{\(members)}".utf8), path: "p.json", schema: schema)
        }
        #expect(error.map { "\($0)".contains(problem) } ?? false, "\(String(describing: error))")
    }

    @Test func profilesThatFitRoundTrip() throws {
        let schema = try Schema(json: Array(Self.schema.utf8))
        let json = """
            {"weights": {"title": 2, "hidden": 1},
             "facets": [{"field": "kind", "label": {"en": "Kind"}}, {"field": "year", "label": {}, "by": 10},
              {"field": "sold", "label": {}}, {"field": "added", "label": {}, "by": "month"}],
             "sorts": [{"field": "year", "label": {}}, {"field": "kind", "label": {}}], "browse": "year",
             "display": {"title": "title", "by": "kind", "details": ["year", "id"]}}
            """
        let profile = try SearchProfile(json: Array(json.utf8), path: "p.json", schema: schema)
        #expect(profile.display.details == ["year", "id"])
        #expect(profile.facets.first?.label == ["en": "Kind"])
        #expect(profile.facets.map(\.by) == [nil, .number(10), nil, .period(.month)])
        let again = try JSONDecoder().decode(SearchProfile.self, from: JSONEncoder().encode(profile))
        #expect(again == profile)
    }
}
