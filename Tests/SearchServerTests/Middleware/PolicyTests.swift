import Catalog
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import SearchServer

/// The policy of a server, before and after a change: the sites that may read replies, and the rates of clients.
@Suite struct PolicyTests {
    private struct Reply: Sendable {
        var status: Int
        var headers: HTTPFields
        /// The code of a problem; nil for other replies.
        var code: String?
    }

    private struct Served: Sendable {
        let client: any TestClientProtocol
        let policy: CurrentPolicy
        let keys: AccessKeys

        func send(
            _ method: HTTPRequest.Method = .get, _ path: String = "/v1", _ headers: HTTPFields = [:],
            body: String? = nil
        ) async throws -> Reply {
            try await client.execute(
                uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
            ) {
                let code = String(buffer: $0.body).components(separatedBy: "\"code\":\"").dropFirst().first
                return Reply(
                    status: $0.status.code, headers: $0.headers, code: code.map { String($0.prefix { $0 != "\"" }) })
            }
        }
    }

    private func serve(
        _ policy: ServerPolicy, part: ServerConfiguration.Part = .whole,
        _ test: @escaping @Sendable (Served) async throws -> Void
    ) async throws {
        let home = try TemporaryFolder()
        let store = CatalogStore(DataFolder(home.path + "/data"))
        var configuration = ServerConfiguration(port: 0, policy: CurrentPolicy(policy))
        configuration.part = part
        let (current, keys) = (configuration.policy, AccessKeys(store.folder))
        // Only a server at an address knows its clients.
        try await makeServer(configuration, store, logger: .quiet).test(.live) { client in
            try await test(Served(client: client, policy: current, keys: keys))
        }
        try store.close()
    }

    private static let forwarded = HTTPField.Name("X-Forwarded-For")

    // MARK: Sites

    @Test func pagesOfAllowedSitesMayReadReplies() async throws {
        let origins = try #require(AllowedOrigins(["https://shop.example"]))
        try await serve(ServerPolicy(hosts: [], origins: origins)) { served in
            for path in ["/v1", "/v1/none/search", "/none"] {
                let reply = try await served.send(.get, path, [.origin: "https://shop.example"])
                #expect(reply.headers[.accessControlAllowOrigin] == "https://shop.example", "\(path)")
                #expect(reply.headers[.accessControlExposeHeaders]?.contains("ETag") == true)
                #expect(reply.headers[.accessControlAllowCredentials] == nil)
                #expect(reply.headers[values: .vary].contains("Origin"))
            }
            for origin in ["https://shop.example.evil", "http://shop.example", "https://shop.example:8443", "null"] {
                let reply = try await served.send(.get, "/v1", [.origin: origin])
                #expect(reply.headers[.accessControlAllowOrigin] == nil, "\(origin)")
                #expect(reply.headers[values: .vary].contains("Origin"))
            }
            served.policy.replace(by: ServerPolicy(hosts: []))
            let reply = try await served.send(.get, "/v1", [.origin: "https://shop.example"])
            #expect(reply.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test func browsersAreToldWhatPagesMaySend() async throws {
        let origins = try #require(AllowedOrigins(["https://shop.example"]))
        try await serve(ServerPolicy(hosts: [], origins: origins)) { served in
            var headers: HTTPFields = [.origin: "https://shop.example", .accessControlRequestMethod: "POST"]
            let reply = try await served.send(.options, "/v1/books/search", headers)
            #expect(reply.status == 204)
            #expect(reply.headers[.accessControlAllowMethods] == "GET, HEAD, POST, OPTIONS")
            #expect(reply.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
            #expect(reply.headers[.accessControlMaxAge] == "600")
            headers[.origin] = "https://evil.example"
            let refused = try await served.send(.options, "/v1/books/search", headers)
            #expect(refused.headers[.accessControlAllowMethods] == nil)
            #expect(refused.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test(arguments: [
        "shop.example", "https://shop.example/", "https://shop.example:443", "http://shop.example:80", "https://",
        "HTTPS://shop.example", "https://Shop.example", "ftp://shop.example", "*", "null", "https://a b",
        "https://*.example", "https://shop.example:", "https://shop.example:0", "https://shop.example:99999",
        "https://shop.example:08443", "https://shop.example.",
    ])
    func onlyOriginsAsBrowsersSpellThemAreSites(_ text: String) {
        #expect(AllowedOrigins([text]) == nil)
    }

    // MARK: Rates

    private func policy(perClient: RequestRate? = nil, perKey: RequestRate? = nil) -> ServerPolicy {
        var rates = RequestRates()
        (rates.perClient, rates.perKey) = (perClient, perKey)
        return ServerPolicy(hosts: [], rates: rates)
    }

    /// A client, an address behind the proxy, gets so many replies at once; others are not affected, nor are pages.
    @Test func clientsAreLimited() async throws {
        let name = try #require(Self.forwarded)
        try await serve(policy(perClient: RequestRate(perSecond: 0.001, burst: 3))) { served in
            for address in ["192.0.2.1", "192.0.2.2", "2001:db8::1"] {
                for number in 1...4 {
                    let reply = try await served.send(.get, "/v1", [name: address])
                    #expect(reply.status == (number <= 3 ? 200 : 429), "\(address) \(number)")
                    if number == 4 {
                        let wait = try #require(reply.headers[.retryAfter].flatMap { Int($0) })
                        #expect((900...1000).contains(wait))
                    }
                }
            }
            // The router reads these paths as those of the API.
            for path in ["//v1", "/v1//none/search", "//v1/multi_search"] {
                #expect(try await served.send(.get, path, [name: "192.0.2.1"]).status == 429, "\(path)")
            }
            // The same network of version 6 is the same client.
            #expect(try await served.send(.get, "/v1", [name: "2001:db8::2"]).status == 429)
            for path in ["/", "/healthz", "/readyz", "/assets/app.js", "/openapi.json"] {
                #expect(try await served.send(.get, path, [name: "192.0.2.1"]).status == 200, "\(path)")
            }
            // A wrong key does not help, and neither does a request that is refused.
            let wrong: HTTPFields = [name: "192.0.2.1", .authorization: "Bearer quire_admin_0"]
            #expect(try await served.send(.delete, "/v1/books/documents/1", wrong).status == 429)
            #expect(try await served.send(.get, "/metrics", wrong).status == 429)
            served.policy.replace(by: ServerPolicy(hosts: []))
            #expect(try await served.send(.get, "/v1", [name: "192.0.2.1"]).status == 200)
        }
    }

    /// A key has a limit of its own, whatever clients use it; scoped keys, which many have, count as clients.
    @Test func keysAreLimited() async throws {
        let name = try #require(Self.forwarded)
        let slow = RequestRate(perSecond: 0.001, burst: 2)
        try await serve(policy(perClient: slow, perKey: slow)) { served in
            let key = try served.keys.add("shop", .search)
            for (number, address) in ["192.0.2.1", "192.0.2.2", "192.0.2.3"].enumerated() {
                let reply = try await served.send(.get, "/v1", [name: address, .authorization: "Bearer \(key)"])
                #expect(reply.status == (number < 2 ? 200 : 429))
            }
            let other = try served.keys.add("other", .search)
            #expect(try await served.send(.get, "/v1", [.authorization: "Bearer \(other)"]).status == 200)
            let scoped = ScopedKey(AccessScope(filter: "kind:=a"), of: "shop").text(signedBy: key)
            for number in 1...3 {
                let headers: HTTPFields = [name: "192.0.2.9", .authorization: "Bearer \(scoped)"]
                let reply = try await served.send(.get, "/v1/none/suggest", headers)
                #expect(reply.status == (number <= 2 ? 404 : 429))
            }
        }
    }

    /// Each of several searches in one request counts; more than may come at once make later requests wait.
    @Test func searchesOfOneRequestCount() async throws {
        let name = try #require(Self.forwarded)
        try await serve(policy(perClient: RequestRate(perSecond: 0.001, burst: 2))) { served in
            for (count, status) in [(1, 200), (9, 200), (1, 429)] {
                let searches = [String](repeating: #"{"catalog": "none"}"#, count: count).joined(separator: ", ")
                let headers: HTTPFields = [name: "192.0.2.1", .contentType: "application/json"]
                let reply = try await served.send(
                    .post, "/v1/multi_search", headers, body: #"{"searches": [\#(searches)]}"#)
                #expect(reply.status == status)
                guard status == 429 else { continue }
                let wait = try #require(reply.headers[.retryAfter].flatMap { Int($0) })
                #expect((8900...9000).contains(wait))
            }
        }
    }

    // MARK: Parts

    /// A server without the routes of people who tune and operate it has none of them.
    @Test func theOpenPartHasNoRoutesOfOperators() async throws {
        try await serve(ServerPolicy(hosts: []), part: .open) { served in
            let key: HTTPFields = [.authorization: "Bearer \(try served.keys.add("all"))"]
            for (route, role) in AccessTests.roles {
                let parts = route.split(separator: " ").map(String.init)
                let method = try #require(HTTPRequest.Method(parts[0]))
                let path = parts[1].replacing(/\{[a-z]+\}/, with: "none")
                let code = try await served.send(method, path, key).code ?? ""
                let isThere = [.search, .write].contains(role)
                #expect(["not_found", "method_not_allowed"].contains(code) == !isThere, "\(route): \(code)")
            }
            #expect(try await served.send(.get, "/tune").status == 404)
            #expect(try await served.send(.get, "/").status == 200)
        }
    }
}
