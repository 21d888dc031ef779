import Foundation
import Segments
import Testing

@testable import Catalog

/// The members of documents in replies, and the limit of their bytes.
@Suite struct RequestedMembersTests {
    private func names(_ reply: SearchReply) -> [[String]] { reply.hits.map { $0.document.members.map(\.name) } }

    @Test func documentsHaveTheRequestedMembers() throws {
        let (shelf, searcher) = try BookShelf.searcher()
        var request = SearchRequest("python")
        let whole = try searcher.search(request)
        request.members = .only(["title"])
        let titles = try searcher.search(request)
        #expect(titles.hits.map(\.id) == whole.hits.map(\.id))
        #expect(names(titles) == whole.hits.map { _ in ["title"] })
        #expect(titles.hits[0].document["title"] == whole.hits[0].document["title"])
        #expect(titles.hits.allSatisfy { Set($0.highlights.keys).isSubset(of: ["title"]) })
        request.members = .allBut(["title"])
        let rest = try searcher.search(request)
        #expect(names(rest) == names(whole).map { $0.filter { $0 != "title" } })
        request.members = .only([])
        let bare = try searcher.search(request)
        #expect(bare.hits.map(\.id) == whole.hits.map(\.id))
        #expect(bare.hits.allSatisfy { $0.document.members.isEmpty })
        #expect(bare.hits.allSatisfy { $0.highlights.isEmpty })
        request.members = .only(["nothing"])
        #expect(throws: CatalogError.self) { try searcher.search(request) }
        withExtendedLifetime(shelf) {}
    }

    /// Twelve documents of a megabyte do not fit: the last ones have no members, but their keys.
    @Test func repliesHaveALimitOfBytes() throws {
        let shelf = BookShelf()
        let text = String(repeating: "word ", count: 1 << 18)
        var job = try shelf.job((10..<22).map { #"{"id": "\#($0)", "title": "python", "text": "\#(text)"}"# })
        job.schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("title", .text), Field("text", .stored)])
        job.profile = nil
        _ = try job.run("books", in: shelf.folder)
        let searcher = try shelf.folder.open("books")
        let reply = try searcher.search(SearchRequest("python"))
        #expect(reply.truncated == true)
        #expect(reply.hits.map(\.id) == (10..<22).map(String.init))
        #expect(reply.hits.map { $0.document.members.isEmpty } == (0..<12).map { $0 > 6 })
        #expect(reply.hits[0].document["text"] == .text(text))
        var request = SearchRequest("python")
        request.members = .allBut(["text"])
        let light = try searcher.search(request)
        #expect(light.truncated == nil)
        #expect(light.hits.allSatisfy { $0.document["title"] == .text("python") })
    }
}
