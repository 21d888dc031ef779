import Crypto
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A client of Quire's HTTP API, with `URLSession` and swift-crypto alone.
///
/// Replies are the JSON of the API. What the server refuses is a `Problem`. A call ends with its task: when that is
/// cancelled, it throws `CancellationError` or `URLError`; a request that takes too long throws `URLError(.timedOut)`.
///
/// ```swift
/// let quire = Quire("http://127.0.0.1:8080", key: "quire_search_…")
/// for hit in try await quire.search("books", ["q": "三体", "per_page": 5])["hits"] { print(hit["document"]["title"]) }
/// ```
public struct Quire: Sendable {
    /// The parameters of a request by name; lists are joined by commas, null is left out.
    public typealias Parameters = [String: JSON]

    private let address: String
    private let key: String?
    private let timeout: Double
    private let retries: Int
    private let longestWait: Int

    /// A client of the server at an address such as `http://127.0.0.1:8080`.
    ///
    /// `timeout` is the seconds after which a request is given up. A request that is refused with 429 or 503 is sent
    /// again after `Retry-After`, `retries` times at most, and not if that is more than `longestWait` seconds; after
    /// 503 only if a second time does no harm, which of changes (without `create`) and events is so if all of them have
    /// a `_version`, or an `event_id`.
    public init(_ address: String, key: String? = nil, timeout: Double = 30, retries: Int = 3, longestWait: Int = 10) {
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        (self.key, self.timeout, self.retries, self.longestWait) = (key, timeout, retries, longestWait)
    }

    /// Returns the reply to a search: `search("books", ["q": "harry potter", "facets": ["author", "language"]])`.
    public func search(_ catalog: String, _ parameters: Parameters = [:]) async throws -> JSON {
        try await json("GET", [catalog, "search"], parameters)
    }

    /// Returns the suggestions for typed text, best first: `suggest("books", "harry po", ["limit": 5])`.
    public func suggest(_ catalog: String, _ q: String, _ parameters: Parameters = [:]) async throws -> [JSON] {
        let parameters = parameters.merging(["q": .text(q)]) { $1 }
        return Array(try await json("GET", [catalog, "suggest"], parameters)["suggestions"])
    }

    /// Returns a document with its `id` and `version`; throws `unknown_document` if there is none.
    public func document(_ catalog: String, _ id: String) async throws -> JSON {
        try await json("GET", [catalog, "documents", id])
    }

    /// Returns the replies to up to ten searches, each with its `catalog`; one that is refused fails alone.
    public func multiSearch(_ searches: [JSON]) async throws -> [Result<JSON, Problem>] {
        let reply = try await json("POST", ["multi_search"], body: ["searches": .list(searches)])
        return reply["results"].map { one in
            one["problem"] == .null ? .success(one) : .failure(Problem(one["problem"]))
        }
    }

    /// Returns every hit of a search once, in its order, whatever is written meanwhile. Pages are asked for one by one.
    public func scan(_ catalog: String, _ parameters: Parameters = [:]) -> Parts {
        let defaults: Parameters = ["per_page": 100, "facets": "", "highlight": false]
        return Parts {
            var after: JSON = "*"
            return {
                if after == .null { return nil }
                let given = defaults.merging(parameters) { $1 }.merging(["after": after]) { $1 }
                let reply = try await search(catalog, given)
                if reply["partial"] == true {
                    throw Problem(
                        status: 200, code: "partial", detail: "the time was over before all hits were found",
                        hint: "give more timeout_ms")
                }
                after = reply["next"]
                return (Array(reply["hits"]), nil)
            }
        }
    }

    /// Sends changes, `batch` in a request, and returns a result for each, in their order.
    ///
    /// A change is a document, `["_patch": id, "price": 36.5]` or `["_delete": id]`, perhaps with a `_version`. A
    /// result whose `result` is `failed` has an `error`, and the number of the change among all as `line`. Changes are
    /// sent as the results are read. Those of a batch that threw a `Problem`, and those after it, have no results: send
    /// them again. With `create`, a document whose id exists fails with the code `document_exists`; after a `Problem`
    /// the failed request may have created it.
    public func change(
        _ catalog: String, _ changes: some Sequence<JSON> & Sendable, batch: Int = 1000, refresh: Bool = false,
        create: Bool = false
    ) -> Parts {
        let parameters: Parameters = ["refresh": refresh ? true : .null, "create": create ? true : .null]
        return lines(
            [catalog, "documents"], parameters, changes, batch, repeatableWith: create ? nil : "_version")
    }

    /// Changes members of a document: `patch("books", "zh-0111", ["price": 36.5, "stock": .null])`. Null removes one.
    @discardableResult
    public func patch(
        _ catalog: String, _ id: String, _ values: JSON, version: Int? = nil, refresh: Bool = false
    ) async throws -> JSON {
        try await json(
            "PATCH", [catalog, "documents", id], Self.change(version, refresh), body: values,
            isRepeatable: version != nil)
    }

    /// Deletes a document.
    @discardableResult
    public func delete(
        _ catalog: String, _ id: String, version: Int? = nil, refresh: Bool = false
    ) async throws -> JSON {
        try await json(
            "DELETE", [catalog, "documents", id], Self.change(version, refresh), isRepeatable: version != nil)
    }

    /// Tells what followed from searches, and returns a result for each event, such as
    /// `["type": "click", "query_id": …, "id": …]`.
    public func events(_ catalog: String, _ events: some Sequence<JSON> & Sendable, batch: Int = 1000) -> Parts {
        lines([catalog, "events"], [:], events, batch, repeatableWith: "event_id")
    }

    private static func change(_ version: Int?, _ refresh: Bool) -> Parameters {
        ["version": version.map { .number(Double($0)) } ?? .null, "refresh": refresh ? true : .null]
    }

    // MARK: - Requests

    private func lines(
        _ path: [String], _ parameters: Parameters, _ objects: some Sequence<JSON> & Sendable, _ batch: Int,
        repeatableWith member: String?
    ) -> Parts {
        Parts {
            var iterator = objects.makeIterator()
            var sent = 0
            return {
                var part: [JSON] = []
                while part.count < batch, let one = iterator.next() { part.append(one) }
                if part.isEmpty { return nil }
                let body = Data(part.map { $0.encoded + "\n" }.joined().utf8)
                let isRepeatable = member.map { member in part.allSatisfy { $0[member] != .null } } ?? false
                let reply = try await send("POST", path, parameters, body, "application/x-ndjson", isRepeatable)
                var results = try reply.split(separator: UInt8(ascii: "\n")).map { try JSON(bytes: $0) }
                for i in results.indices {
                    if case .number(let line) = results[i]["line"] { results[i]["line"] = .number(line + Double(sent)) }
                }
                var problem: Problem?
                if results.count < part.count {
                    let error = results.last?["error"] ?? .null
                    problem = Problem(
                        status: 200, code: error["code"].text ?? "incomplete",
                        detail:
                            "the server read \(sent + results.count) changes and no more: \(error["detail"].text ?? "")"
                    )
                }
                sent += part.count
                return (results, problem)
            }
        }
    }

    private func json(
        _ method: String, _ path: [String], _ parameters: Parameters = [:], body: JSON? = nil, isRepeatable: Bool = true
    ) async throws -> JSON {
        let body = body.map { Data($0.encoded.utf8) }
        return try JSON(bytes: await send(method, path, parameters, body, "application/json", isRepeatable))
    }

    private func send(
        _ method: String, _ path: [String], _ parameters: Parameters, _ body: Data?, _ type: String,
        _ isRepeatable: Bool
    ) async throws -> Data {
        guard let url = URL(string: address + Self.target(path, parameters)) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body
        request.timeoutInterval = timeout
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        if body != nil { request.setValue(type, forHTTPHeaderField: "Content-Type") }
        var left = retries
        while true {
            let (data, reply) = try await fetch(request)
            if 200..<300 ~= reply.statusCode { return data }
            let problem = Problem(data, reply)
            let isTemporary = reply.statusCode == 429 || reply.statusCode == 503 && isRepeatable
            guard isTemporary, left > 0, let wait = problem.retryAfter, wait <= longestWait else { throw problem }
            left -= 1
            try await Task.sleep(for: .seconds(wait))
        }
    }

    /// The reply to a request, unless it takes too long.
    private func fetch(_ request: URLRequest) async throws -> (Data, HTTPURLResponse) {
        try await withThrowingTaskGroup(of: (Data, HTTPURLResponse).self) { group in
            group.addTask {
                let (data, response) = try await URLSession.shared.data(for: request)
                guard let reply = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
                return (data, reply)
            }
            group.addTask {
                try await Task.sleep(for: .seconds(timeout))
                throw URLError(.timedOut)
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw URLError(.unknown) }
            return first
        }
    }

    /// The path and query of a request.
    private static func target(_ path: [String], _ parameters: Parameters) -> String {
        let values = parameters.sorted { $0.key < $1.key }.compactMap { name, value in
            value.parameter.map { escaped(name) + "=" + escaped($0) }
        }
        let target = "/v1/" + path.map(escaped).joined(separator: "/")
        return values.isEmpty ? target : target + "?" + values.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        let unreserved = CharacterSet(charactersIn: "-._~").union(.init(charactersIn: "a"..."z"))
            .union(.init(charactersIn: "A"..."Z")).union(.init(charactersIn: "0"..."9"))
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}

/// An error reply of the server: its status, a stable code for programs, a message, a hint, and the parameter.
public struct Problem: Error, Sendable, CustomStringConvertible {
    /// The status of the reply.
    public var status: Int
    /// A stable name of the problem, for programs.
    public var code = ""
    /// A sentence on what is wrong.
    public var detail = ""
    /// A remedy.
    public var hint: String?
    /// The parameter, header or member that it is about.
    public var param: String?
    /// The seconds after which the request may be sent again.
    public var retryAfter: Int?

    /// All of it in a line.
    public var description: String { "\(status) \(code): \(detail)" + (hint.map { "; " + $0 } ?? "") }
}

extension Problem {
    fileprivate init(_ members: JSON) {
        self.init(
            status: members["status"].number.map { Int($0) } ?? 0, code: members["code"].text ?? "",
            detail: members["detail"].text ?? "", hint: members["hint"].text, param: members["param"].text)
    }

    /// The problem of a reply. A proxy's reply is no problem document: its beginning is the detail.
    fileprivate init(_ body: Data, _ reply: HTTPURLResponse) {
        if let members = try? JSON(bytes: body), members["code"].text != nil {
            self.init(members)
        } else {
            self.init(status: 0, detail: String(String(decoding: body, as: UTF8.self).prefix(500)))
        }
        status = reply.statusCode
        retryAfter = reply.value(forHTTPHeaderField: "Retry-After").flatMap { Int($0) }
    }
}

/// Hits or results, asked for part by part as they are read.
public struct Parts: AsyncSequence, Sendable {
    /// Returns the next objects, and what is thrown after them; nil at the end.
    fileprivate typealias More = () async throws -> (objects: [JSON], problem: Problem?)?

    private let start: @Sendable () -> More

    fileprivate init(_ start: @escaping @Sendable () -> More) { self.start = start }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator { Iterator(more: start()) }

    /// Reads one object after the other.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let more: More
        private var objects: ArraySlice<JSON> = []
        private var problem: Problem?

        fileprivate init(more: @escaping More) { self.more = more }

        /// Returns the next object; nil at the end. Errors: `Problem`, and those of the connection.
        public mutating func next() async throws -> JSON? {
            while objects.isEmpty {
                if let problem { throw problem }
                guard let part = try await more() else { return nil }
                (objects, problem) = (part.objects[...], part.problem)
            }
            return objects.popFirst()
        }
    }
}

/// Derives a key from the key called `name`, offline. It permits searches of the documents that match `filter`, in
/// `catalogs`, until `expires` (seconds since 1970). The key that it is derived from belongs on a server, never into an
/// app.
public func scopedKey(
    _ key: String, _ name: String, filter: String? = nil, catalogs: [String]? = nil, expires: Int? = nil
) -> String {
    var members: [String: JSON] = ["key": .text(name)]
    members["catalogs"] = catalogs.map { .list($0.map { .text($0) }) }
    members["expires"] = expires.map { .number(Double($0)) }
    members["filter"] = filter.map { .text($0) }
    let object = Data(JSON.object(members).encoded.utf8)
    let secret = SHA256.hash(data: Data(key.utf8)).map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
    let code = HMAC<SHA256>.authenticationCode(for: object, using: SymmetricKey(data: Data(secret.utf8)))
    func base64(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
    return "quire_scoped_\(base64(object)).\(base64(Data(code)))"
}
