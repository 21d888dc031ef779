import Foundation
import Segments
import Testing

@testable import Catalog

@Suite struct RoleProfileTests {
    private func schema(_ fields: Field...) throws -> Schema {
        try Schema(key: "id", fields: [Field("id", .keyword)] + fields)
    }

    @Test(arguments: [
        ("title", MemberRole.title), ("书名", .title), ("書名", .title), ("product_name", .title), ("title_en", .title),
        ("names.zh.title", .title), ("title.zh", .title), ("Sub-Title", .subtitle), ("authors", .author),
        ("author.name", .author), ("作者", .author), ("publisher.name", .publisher), ("series.title", .series),
        ("tags", .category), ("简介", .description), ("ISBN-13", .identifier), ("price.amount", .price),
        ("sale_price", .price), ("averageRating", .rating), ("coverUrl", .link), ("lang", .language),
    ])
    func rolesAreFoundByName(_ path: String, _ role: MemberRole) {
        #expect(MemberRole(path) == role)
    }

    @Test(arguments: ["", "titles", "authority", "price_en_de", "x.y", "en", "description.length", "_en"])
    func otherNamesHaveNone(_ path: String) {
        #expect(MemberRole(path) == nil)
    }

    @Test func languagesInPathsAreFound() {
        for path in ["translations.ja.title", "title_en", "zh-Hans.title", "Title-DE"] {
            #expect(MemberRole.namesLanguage(path), "\(path)")
        }
        for path in ["en", "title", "italic", "series.name"] { #expect(!MemberRole.namesLanguage(path), "\(path)") }
    }

    @Test func profilesFollowTheRoles() throws {
        let schema = try schema(
            Field("publisher_text", .text, from: "publisher"), Field("publisher", .keyword),
            Field("名称", .text), Field("名称_pinyin", .text, from: "名称", analyzer: "pinyin"),
            Field("authors_text", .text, from: "authors", multiple: true), Field("authors", .keyword, multiple: true),
            Field("isbn", .text), Field("blurb", .text), Field("remark", .text), Field("state", .keyword),
            Field("language", .keyword), Field("votes", .integer), Field("rating", .float), Field("year", .integer),
            Field("price", .price, currency: "EUR"))
        let profile = SearchProfile(roles: schema)
        #expect(
            profile.weights == [
                "publisher_text": 0.5, "名称": 4, "authors_text": 1.5, "isbn": 4, "blurb": 1, "remark": 1,
            ])
        #expect(profile.facets.map(\.field) == ["language", "authors", "publisher", "state"])
        #expect(profile.sorts.map(\.field) == ["votes", "rating", "year", "price"])
        #expect(profile.browse == "votes")
        #expect(
            profile.display
                == SearchProfile.Display(
                    title: "名称", by: "authors", details: ["publisher", "year", "isbn"], price: "price",
                    rating: "rating", description: "blurb"))
        let json = Array(try JSONEncoder().encode(profile))
        #expect(try SearchProfile(json: json, path: "profile.json", schema: schema) == profile)
    }

    /// The preferred name wins, whatever the order of the members.
    @Test func preferredNamesAreDisplayed() throws {
        let schema = try schema(
            Field("translator", .text), Field("name", .text), Field("author", .text), Field("title", .text))
        let display = SearchProfile(roles: schema).display
        #expect(display.title == "title")
        #expect(display.by == "author")
        #expect(SearchProfile(roles: try self.schema()).display.title == "id")
    }

    /// A schema that was given keeps the default profile.
    @Test func onlyInferredSchemasHaveProfilesByRole() throws {
        let line = #"{"id": "1", "title": "A tale", "author": "Ann Lee"}"#
        let shelf = BookShelf()
        let inferred = try shelf.indexed(line)
        #expect(inferred.profile.weights == ["title": 4, "author_text": 1.5])
        let (_, given) = try BookShelf.searcher([line], inferred.reader.schema)
        #expect(given.profile.weights == ["title": 4, "author_text": 1])
    }
}
