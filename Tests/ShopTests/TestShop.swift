import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization
import Testing

@testable import Shop

/// A shop in a folder of its own, with a Redis server of its own, and a clock that a test moves.
final class TestShop: Sendable {
    let services: ShopServices
    let folder: String
    private let time: TestClock

    var store: Store { services.store }
    var redis: RedisClient { services.redis }

    private init(
        _ configuration: ShopConfiguration, _ logger: Logger, _ onStatement: (@Sendable (String) -> Void)?
    ) async throws {
        let time = TestClock()
        self.time = time
        folder = configuration.data
        services = try await ShopServices(
            configuration, logger: logger, now: { time.now }, onStatement: onStatement)
    }

    /// Moves the shop's clock.
    func advance(seconds: Int64) { time.advance(by: seconds * 1000) }

    /// Runs a body with a new shop, and removes it. `onStatement` is told of each statement of SQL.
    static func run(
        _ change: (inout ShopConfiguration) -> Void = { _ in }, logger: Logger = .quiet,
        onStatement: (@Sendable (String) -> Void)? = nil,
        _ body: (TestShop) async throws -> Void
    ) async throws {
        try await withTemporaryFolder(servers: 1) { folder in
            var configuration = ShopConfiguration(data: folder)
            configuration.passwordCost = 10
            configuration.limitsRequests = false
            configuration.payMethods = PayMethod.allCases
            configuration.redisTimeout = .seconds(60)
            change(&configuration)
            let shop = try await TestShop(configuration, logger, onStatement)
            do {
                try await body(shop)
            } catch {
                await shop.services.close()
                throw error
            }
            await shop.services.close()
        }
    }

    /// Serves a role on a socket, and runs a body with a client of it.
    func serve(_ role: Role = .app, _ body: @escaping @Sendable (Browser) async throws -> Void) async throws {
        let server = makeServer(role, services)
        try await server.test(.live) { client in try await body(Browser(client, isDescribed: role == .app)) }
    }

    /// Adds an active account with the password `password1`, and returns its id.
    func addPassport(_ name: String) async throws -> Int {
        let hash = try await services.accounts.hasher.hash("password1")
        let now = services.now()
        return try await store.write { transaction in
            try transaction.addPassport(
                Registration(username: name, email: "\(name)@example.com", password: hash, expiresAt: now),
                now: now)
        }
    }

    /// Adds an address of 李明 to an account, and returns its id.
    func addAddress(of passport: Int) async throws -> Int {
        try await store.write { try $0.addAddress(.sample, of: passport, now: 0) }
    }

    /// The account with an id, as it is now.
    func passport(_ id: Int) async throws -> Passport {
        guard let passport = try await store.read({ try $0.passport(id) }) else { throw StoreError.unchanged }
        return passport
    }

    /// Adds an account and logs a browser in.
    @discardableResult
    func logIn(_ name: String, _ browser: Browser) async throws -> Int {
        let id = try await addPassport(name)
        let reply = try await browser.post("/api/v1/login", #"{"username": "\#(name)", "password": "password1"}"#)
        guard reply.status == 200 else { throw UnexpectedReply(reply: reply) }
        return id
    }

    /// The mails that wait to be sent, the oldest first.
    func mails() async throws -> [AccountMail] {
        let jobs = try await store.read { try $0.unsentJobs(limit: 100) }
        return try jobs.filter { $0.queue == "mail" }.map {
            try JSONDecoder().decode(AccountMail.self, from: Data($0.payload.utf8))
        }
    }

    /// Adds goods with a code, and returns their id.
    func addGoods(
        _ code: String, name: String? = nil, price: Int = 1000, stock: Int = 10, type: String = "书",
        _ change: @escaping @Sendable (inout GoodsDraft) -> Void = { _ in }
    ) async throws -> Int {
        let now = services.now()
        return try await store.write { transaction in
            let type = try transaction.goodsType(named: type, below: 0, now: now)
            var draft = GoodsDraft(code: code, name: name ?? "Book \(code)", price: price, stock: stock, typeID: type)
            change(&draft)
            return try transaction.insert(draft, now: now)
        }
    }
}

/// An account with an address.
struct Buyer: Sendable {
    let passport: Int
    let address: Int
    let orders: OrderService

    init(_ name: String, _ shop: TestShop) async throws {
        try await self.init(shop.addPassport(name), shop)
    }

    /// Gives an account an address.
    init(_ passport: Int, _ shop: TestShop) async throws {
        orders = shop.services.orders
        self.passport = passport
        address = try await shop.addAddress(of: passport)
    }

    func request(_ goods: Int, _ count: Int = 1, pay: PayMethod = .cashOnDelivery) -> OrderRequest {
        OrderRequest(
            addressId: address, payMethod: pay.rawValue, items: [CartLine(goodsId: goods, count: count)])
    }

    /// Orders goods and returns the number of the order.
    @discardableResult
    func order(
        _ goods: Int, _ count: Int = 1, pay: PayMethod = .cashOnDelivery, key: String
    ) async throws -> String {
        try await orders.commit(request(goods, count, pay: pay), key: key, of: passport).id
    }
}

/// A clock that starts at a fixed time and moves only when it is told to.
private final class TestClock: Sendable {
    private let time = Mutex<Milliseconds>(1_800_000_000_000)

    var now: Milliseconds { time.withLock { $0 } }

    func advance(by milliseconds: Milliseconds) { time.withLock { $0 += milliseconds } }
}

/// Runs a body with a new folder, whose path is short enough for a socket, and removes it.
///
/// Bodies that start `servers` wait until few others run at the same time.
func withTemporaryFolder(servers: Int = 0, _ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/shop-" + String(randomToken().prefix(12))
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard servers > 0 else { return try await body(folder) }
    await ServerSlots.shared.enter()
    do {
        try await body(folder)
    } catch {
        await ServerSlots.shared.leave()
        throw error
    }
    await ServerSlots.shared.leave()
}

/// The number of tests with servers that may run at once.
private actor ServerSlots {
    static let shared = ServerSlots()

    private var free = 4
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

/// A client that keeps cookies, as a browser does.
final class Browser: Sendable {
    private let client: any TestClientProtocol
    /// True if `openapi.json` describes the server.
    private let isDescribed: Bool
    private let jar = Mutex<[String: String]>([:])

    init(_ client: any TestClientProtocol, isDescribed: Bool = true) {
        self.client = client
        self.isDescribed = isDescribed
    }

    /// Another browser at the same server.
    func another() -> Browser { Browser(client, isDescribed: isDescribed) }

    /// The names of all cookies.
    var cookieNames: [String] { jar.withLock { $0.keys.sorted() } }

    /// The value of a cookie.
    func cookie(_ name: String) -> String? { jar.withLock { $0[name] } }

    func setCookie(_ name: String, _ value: String?) { jar.withLock { $0[name] = value } }

    /// Sends a request, with the CSRF token of the session's cookie unless headers say otherwise.
    @discardableResult
    func send(
        _ method: HTTPRequest.Method, _ path: String, json: String? = nil, headers: HTTPFields = [:]
    ) async throws -> Reply {
        var headers = headers
        let cookies = jar.withLock { $0 }
        if !cookies.isEmpty, headers[.cookie] == nil {
            headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "; ")
        }
        if let name = HTTPField.Name("X-CSRF-Token"), headers[name] == nil, let token = cookies["csrf"] {
            headers[name] = token
        }
        if json != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
        let response = try await client.execute(
            uri: path, method: method, headers: headers, body: json.map { ByteBuffer(string: $0) })
        for field in response.headers[values: .setCookie] {
            let parts = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
            let isGone = field.contains("Max-Age=0")
            jar.withLock { $0[parts[0]] = isGone ? nil : parts.count == 2 ? parts[1] : "" }
        }
        let reply = Reply(
            status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
        if isDescribed, let problem = APIDocument.shared.problem(method, path, status: reply.status, code: reply.code) {
            Issue.record("openapi.json: \(problem)")
        }
        return reply
    }

    @discardableResult
    func get(_ path: String, headers: HTTPFields = [:]) async throws -> Reply {
        try await send(.get, path, headers: headers)
    }

    @discardableResult
    func post(_ path: String, _ json: String = "{}", headers: HTTPFields = [:]) async throws -> Reply {
        try await send(.post, path, json: json, headers: headers)
    }
}

/// A reply that a test cannot go on with.
struct UnexpectedReply: Error {
    let reply: Reply
}

/// A response with its JSON.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    /// The body as a text.
    var body: String { String(decoding: bytes, as: UTF8.self) }

    /// The body as a JSON object; empty if it is none.
    var object: [String: JSONValue] { JSONValue.object(body) }

    /// The code of a problem document.
    var code: String? { object["code"]?.text }

    /// A member of the object.
    subscript(name: String) -> JSONValue? { object[name] }
}

extension JSONValue {
    var text: String? { if case .text(let value) = self { value } else { nil } }
    var int: Int? { if case .int(let value) = self { value } else { nil } }
    var list: [JSONValue] { if case .list(let value) = self { value } else { [] } }
    subscript(name: String) -> JSONValue? { if case .object(let members) = self { members[name] } else { nil } }
}

extension AddressDraft {
    static let sample = AddressDraft(
        recipientName: "李明", recipientAddr: "上海", zipCode: "200000", recipientPhone: "13800138000")
}

extension Logger {
    /// A logger that writes nothing.
    static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}

/// A number that several tasks count up.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }

    @discardableResult
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
