import Catalog
import Hummingbird
import HummingbirdTesting
import TestSupport
import Testing

@testable import SearchServer

/// The roles of keys: which requests each of them permits.
@Suite struct AccessTests {
    /// The role that each route requires, of those that require one.
    static let roles: [String: AccessRole] = [
        "GET /v1": .search,
        "GET /v1/{catalog}": .search,
        "GET /v1/{catalog}/search": .search,
        "GET /v1/{catalog}/suggest": .search,
        "POST /v1/{catalog}/search": .search,
        "POST /v1/multi_search": .search,
        "GET /v1/{catalog}/documents/{id}": .search,
        "GET /v1/{catalog}/similar/{id}": .search,
        "POST /v1/{catalog}/documents": .write,
        "PATCH /v1/{catalog}/documents/{id}": .write,
        "DELETE /v1/{catalog}/documents/{id}": .write,
        "POST /v1/{catalog}/events": .write,
        "GET /v1/{catalog}/reports/{report}": .tune,
        "GET /v1/{catalog}/profile": .tune,
        "PUT /v1/{catalog}/profile": .tune,
        "GET /v1/{catalog}/synonyms": .tune,
        "PUT /v1/{catalog}/synonyms": .tune,
        "GET /v1/{catalog}/rules": .tune,
        "PUT /v1/{catalog}/rules": .tune,
        "POST /v1/{catalog}/tuning/preview": .tune,
        "POST /v1/{catalog}/tuning/evaluate": .tune,
        "GET /v1/{catalog}/tuning/revisions": .tune,
        "GET /v1/{catalog}/tuning/revisions/{revision}": .tune,
        "POST /v1/{catalog}/tuning/revisions/{revision}/restore": .tune,
        "PUT /v1/{catalog}": .admin,
        "DELETE /v1/{catalog}": .admin,
        "GET /v1/{catalog}/export": .admin,
        "POST /v1/{catalog}/verify": .admin,
        "GET /v1/{catalog}/rebuild": .admin,
        "POST /v1/{catalog}/rebuild": .admin,
        "DELETE /v1/{catalog}/rebuild": .admin,
        "POST /v1/{catalog}/rebuild/verify": .admin,
        "POST /v1/{catalog}/rebuild/swap": .admin,
        "POST /v1/{catalog}/rebuild/rollback": .admin,
        "POST /v1/{catalog}/rebuild/documents": .admin,
        "POST /v1/{catalog}/rebuild/finish": .admin,
        "POST /v1/{catalog}/merge": .admin,
        "GET /metrics": .admin,
    ]

    /// A server without catalogs, and a key of each role.
    private struct Served {
        let router: Router<BasicRequestContext>
        let keys: [AccessRole: String]
        let folder: TemporaryFolder

        init(opensReading: Bool) throws {
            folder = try TemporaryFolder()
            let data = DataFolder(folder.path + "/data")
            let accessKeys = AccessKeys(data)
            var keys: [AccessRole: String] = [:]
            for role in AccessRole.allCases { keys[role] = try accessKeys.add(role.rawValue, role) }
            self.keys = keys
            let store = CatalogStore(data)
            let (threads, cache) = (SearchThreads(threads: 1), ReplyCache(maxBytes: 0))
            let connections = ConnectionRegistry(maxConnections: 10, logger: .quiet)
            let metrics = ServerMetrics(store, threads: threads, cache: cache, connections: connections, demand: nil)
            router = makeRouter(
                CatalogReplies(store: store, threads: threads, cache: cache),
                Authorization(keys: accessKeys, opensReading: opensReading), metrics)
        }

        /// The routes, such as `GET /v1`.
        var routes: [(name: String, method: HTTPRequest.Method, uri: String)] {
            router.routes.filter { $0.method != .head }.map { route in
                let path = route.path.description
                let uri = path.replacing(/\{[a-z]+\}/, with: "none")
                return ("\(route.method.rawValue) \(path)", route.method, uri)
            }
        }
    }

    /// The routes of a server, such as `GET /v1`.
    static var routeNames: [String] {
        get throws { try Served(opensReading: false).routes.map(\.name) }
    }

    /// Every route of the API and of the metrics has a role, and no other has.
    @Test func everyRouteHasARole() throws {
        let routes = try Self.routeNames
        let expected = routes.filter { $0.contains("/v1") || $0.contains("/metrics") }
        #expect(Set(expected) == Set(Self.roles.keys))
        #expect(expected.count == Self.roles.count)
    }

    @Test(arguments: [false, true]) func keysPermitWhatTheirRolesSay(_ opensReading: Bool) async throws {
        let served = try Served(opensReading: opensReading)
        let (routes, keys) = (served.routes, served.keys)
        try await Application(router: served.router).test(.router) { client in
            for route in routes {
                let needed = Self.roles[route.name]
                let isOpen = needed == nil || needed == .search && opensReading
                func status(_ headers: HTTPFields) async throws -> Int {
                    try await client.execute(uri: route.uri, method: route.method, headers: headers) {
                        Int($0.status.code)
                    }
                }
                let anonymous = try await status([:])
                #expect((anonymous == 401) == !isOpen, "\(route.name) without a key")
                let unknown = try await status([.authorization: "Bearer quire_admin_0"])
                #expect((unknown == 401) == !isOpen, "\(route.name) with an unknown key")
                for (role, key) in keys {
                    let isPermitted = isOpen || needed.map { role.permits($0) } ?? true
                    let status = try await status([.authorization: "Bearer \(key)"])
                    #expect((status == 403) == !isPermitted, "\(route.name) with the role \(role)")
                    #expect(status != 401, "\(route.name) with the role \(role)")
                }
            }
        }
    }
}
