import Catalog
import FoundationEssentials
import Hummingbird

/// Adds the searches whose parameters are members of a JSON object, with the same names and values as in a URL:
///
/// - `POST /v1/{catalog}/search` replies as `GET` does;
/// - `POST /v1/multi_search` replies to several searches at once, of any catalogs: `{"searches": [{"catalog": …, …}]}`.
///
/// They require what the same searches by `GET` do. They parse bodies: `router` must run them off the event loops.
func addPostedSearchRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ replies: CatalogReplies, _ authorization: Authorization
) {
    router.post("v1/:catalog/search") { request, context in
        let name = try context.parameters.require("catalog")
        let scope = try authorization.scope(request, name)
        let members: [String: JSONValue] = try await posted(request)
        return try await replies.search(name, try PostedSearch.parameters(members), scope, request)
    }
    router.post("v1/multi_search") { request, _ in
        try authorization.checkReading(request)
        let body: PostedSearches = try await posted(request)
        let searches = try body.checked()
        RequestCharge.current?.takeMore(searches.count - 1)
        let results = try await withThrowingTaskGroup(of: (Int, PostedSearchResult).self) { group in
            for (index, search) in searches.enumerated() {
                group.addTask { (index, try await result(of: search, request, replies, authorization)) }
            }
            var results = [PostedSearchResult?](repeating: nil, count: searches.count)
            for try await (index, result) in group { results[index] = result }
            return results.compactMap(\.self)
        }
        return try jsonResponse(PostedSearchResults(results: results))
    }
}

/// Returns the JSON of a body.
///
/// Errors: `unsupported_media_type`, `body_too_large`, `bad_search` for a body of another form.
private func posted<Content: Decodable>(_ request: Request) async throws -> Content {
    try requireJSON(request, "a search")
    let body = try await collected(request, hint: "a search has at most 16 MB")
    do {
        return try JSONDecoder().decode(Content.self, from: Data(body.readableBytesView))
    } catch {
        throw PostedSearch.problem("the body is not a search as JSON")
    }
}

/// Returns the result of one of several searches. Errors: those that have nothing to do with it.
private func result(
    of search: PostedSearch, _ request: Request, _ replies: CatalogReplies, _ authorization: Authorization
) async throws -> PostedSearchResult {
    do {
        let scope = try authorization.scope(request, search.catalog)
        return .reply(try await replies.reply(search.catalog, search.parameters, scope, request))
    } catch let error as Problem {
        return .problem(error)
    } catch let error as RequestProblem {
        return .problem(Problem(error))
    } catch let error as CatalogError {
        return .problem(Problem(error))
    }
}

/// A search whose parameters were posted.
struct PostedSearch: Sendable {
    /// The name of the catalog.
    var catalog: String
    /// The parameters, as in a URL.
    var parameters: [(name: String, value: String)]

    /// The parameters that are lists, and may be JSON lists.
    private static let lists: Set<String> = ["facets", "fields", "highlight", "sort"]

    /// Returns the members of a JSON object as parameters, by name. A member that is null is left out.
    ///
    /// Errors: `bad_search` for a value that no parameter has.
    static func parameters(_ members: [String: JSONValue]) throws(Problem) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .null: continue
            case .text(let text): parameters.append((name, text))
            case .integer(let number): parameters.append((name, "\(number)"))
            case .boolean(let isTrue): parameters.append((name, "\(isTrue)"))
            case .list(let values) where lists.contains(name):
                var texts: [String] = []
                for value in values {
                    guard case .text(let text) = value else {
                        throw problem("\(name) has a value that is no text", name)
                    }
                    texts.append(text)
                }
                parameters.append((name, texts.joined(separator: ", ")))
            default: throw problem("\(name) is neither a text nor a whole number, true or false", name)
            }
        }
        return parameters
    }

    /// The problem of a body that is not a search.
    static func problem(_ detail: String, _ param: String? = nil) -> Problem {
        Problem(
            .badRequest, "bad_search", detail, param: param,
            hint:
                "send the parameters of a search as members: {\"q\": \"三体\", \"facets\": [\"author\"]}"
        )
    }
}

/// The body of `POST /v1/multi_search`.
private struct PostedSearches: Decodable {
    var searches: [[String: JSONValue]]

    /// The most searches of a request, and the most hits of all of them.
    static let maxSearches = 10
    static let maxHits = 250

    /// Returns the searches. Errors: `bad_search` for too many, for one without a catalog, and as for `parameters`.
    func checked() throws(Problem) -> [PostedSearch] {
        guard (1...Self.maxSearches).contains(searches.count) else {
            throw PostedSearch.problem("there must be 1 to \(Self.maxSearches) searches", "searches")
        }
        var checked: [PostedSearch] = []
        var hits = 0
        for members in searches {
            guard case .text(let catalog)? = members["catalog"] else {
                throw PostedSearch.problem("a search has no catalog", "catalog")
            }
            let parameters = try PostedSearch.parameters(members.filter { $0.key != "catalog" })
            let perPage = parameters.first { $0.name == "per_page" }.flatMap { Int($0.value) }
            hits += max(perPage ?? SearchRequest().perPage, 0)
            checked.append(PostedSearch(catalog: catalog, parameters: parameters))
            guard hits <= Self.maxHits else {
                throw PostedSearch.problem("the searches ask for more than \(Self.maxHits) hits", "per_page")
            }
        }
        return checked
    }
}

/// The result of one of several searches.
private enum PostedSearchResult: JSONWritable, Sendable {
    case reply(SearchReply)
    case problem(Problem)

    func write(to json: inout JSONWriter) {
        switch self {
        case .reply(let reply): reply.write(to: &json)
        case .problem(let problem): json.object { $0.member("problem", problem) }
        }
    }
}

/// The body of the response to several searches, in their order.
private struct PostedSearchResults: JSONWritable {
    var results: [PostedSearchResult]

    func write(to json: inout JSONWriter) { json.object { $0.member("results", results) } }
}

extension CatalogReplies {
    /// Returns the response to a search of a catalog within a scope.
    ///
    /// Errors: `overloaded` if it cannot begin in time, and those of the search.
    func search(
        _ name: String, _ parameters: [(name: String, value: String)], _ scope: ReadScope, _ request: Request
    ) async throws -> Response {
        let wanted = WantedReply("search", of: name, request, parameters + scope.parameters)
        let search = try scope.limiting(try SearchRequest(parameters: parameters))
        let demanded = recorder?.search(search, parameters, wanted, request)
        if let known = await known(wanted, demanded) { return known }
        return try await read(wanted, on: .searches, timeout: search.timeout, demanded) { limits in
            var reply = try store.search(name, search, limits: limits)
            let answered = demanded?.answered(&reply)
            return CatalogReply(
                body: reply, view: reply.partial ? nil : reply.view, milliseconds: reply.tookMilliseconds,
                answered: answered, phases: reply.phases, queryID: reply.queryID)
        }
    }

    /// Returns the reply to one of several searches, which is recorded, and neither kept nor looked up.
    ///
    /// Errors: as for `search`.
    fileprivate func reply(
        _ name: String, _ parameters: [(name: String, value: String)], _ scope: ReadScope, _ request: Request
    ) async throws -> SearchReply {
        let wanted = WantedReply("search", of: name, request, parameters + scope.parameters)
        let search = try scope.limiting(try SearchRequest(parameters: parameters))
        let demanded = recorder?.search(search, parameters, wanted, request)
        let limits = store.requestLimits(search.timeout)
        return try await threads.search(limits) {
            var reply = try store.search(name, search, limits: limits)
            let answered = demanded?.answered(&reply)
            demanded?.record(answered, view: reply.view, milliseconds: reply.tookMilliseconds)
            return reply
        }
    }
}
