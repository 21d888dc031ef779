import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A client of one catalog of a search server, through the public API alone.
struct SearchClient: Sendable {
    /// The result of one change.
    struct Outcome: Decodable, Sendable {
        struct Failure: Decodable, Sendable {
            var code: String
            var detail: String
        }

        var result: String
        /// The version of the document there, if the change was not newer.
        var version: Int?
        var error: Failure?

        /// The reason for which the document or event will never be taken; nil if it was taken, is older than the one
        /// there, or may be taken later.
        var refusal: String? { error.flatMap { Self.final.contains($0.code) ? $0.detail : nil } }

        private static let final: Set<String> = ["bad_document", "bad_event", "unknown_query"]
    }

    private static let timeout = TimeAmount.seconds(30)

    let target: ShopConfiguration.FeedTarget

    /// Sends changes, and returns the outcome of each.
    ///
    /// Errors: `FeedError` if not all were decided; then all are sent again.
    func post(_ documents: [FeedDocument], refresh: Bool = false) async throws -> [Outcome] {
        var body = ByteBuffer()
        for document in documents { try document.write(to: &body) }
        return try await post(documents.count, body, to: "/documents" + (refresh ? "?refresh=true" : ""))
    }

    /// Tells of what followed from searches, and returns the outcome of each event.
    ///
    /// Errors: `FeedError` if not all were decided; then all are sent again.
    func post(_ events: [SearchEvent]) async throws -> [Outcome] {
        var body = ByteBuffer()
        for event in events {
            body.writeImmutableBuffer(try encodedJSON(event))
            body.writeString("\n")
        }
        return try await post(events.count, body, to: "/events")
    }

    private func post(_ count: Int, _ body: ByteBuffer, to path: String) async throws -> [Outcome] {
        var request = HTTPClientRequest(url: target.url + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-ndjson")
        request.body = .bytes(body)
        let reply = try await send(request, upTo: 64 << 20)
        let decoder = JSONDecoder()
        let outcomes = try reply.split(separator: "\n").map { line in
            try decoder.decode(Outcome.self, from: Data(line.utf8))
        }
        guard outcomes.count == count else { throw FeedError.incomplete("results are missing") }
        for outcome in outcomes {
            if let error = outcome.error, outcome.refusal == nil { throw FeedError.incomplete(error.detail) }
        }
        return outcomes
    }

    /// Returns the number of the change of each document that search has, by its id.
    func versions() async throws -> [String: Int] {
        struct HitPage: Decodable {
            struct Hit: Decodable {
                struct Document: Decodable { var feedSeq: Int? }

                var id: String
                var document: Document
            }

            var hits: [Hit]
            var next: String?
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var versions: [String: Int] = [:]
        var cursor: String? = "*"
        while let after = cursor {
            let escaped = percentEncoded(after)
            let url = target.url + "/search?q=&per_page=100&fields=feed_seq&highlight=false&after=" + escaped
            let reply = try await send(HTTPClientRequest(url: url), upTo: 16 << 20)
            let page = try decoder.decode(HitPage.self, from: Data(reply.utf8))
            for hit in page.hits { versions[hit.id] = hit.document.feedSeq ?? 0 }
            cursor = page.hits.isEmpty ? nil : page.next
        }
        return versions
    }

    private func send(_ request: HTTPClientRequest, upTo limit: Int) async throws -> String {
        var request = request
        request.headers.add(name: "Authorization", value: "Bearer \(target.key.value)")
        let response: HTTPClientResponse
        let body: String
        do {
            response = try await HTTPClient.feed.execute(request, timeout: Self.timeout)
            body = String(buffer: try await response.body.collect(upTo: limit))
        } catch {
            throw FeedError.unreachable("\(error)")
        }
        guard response.status == .ok else {
            throw FeedError.refused(Int(response.status.code), String(body.prefix(300)))
        }
        return body
    }
}

/// An error of the way to a search server; the changes are sent again later.
enum FeedError: Error, CustomStringConvertible {
    case unreachable(String)
    case refused(Int, String)
    case incomplete(String)

    var description: String {
        switch self {
        case .unreachable(let reason): "the search server cannot be reached: \(reason)"
        case .refused(let status, let body): "the search server replied with the status \(status): \(body)"
        case .incomplete(let reason): "the search server has not taken all changes: \(reason)"
        }
    }
}
