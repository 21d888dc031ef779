import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// The reading half of Quire's API under the shop's own origin, so that its pages need no other: the catalog of the
/// goods, searches, suggestions and facets. A web server in front of the shop can take its place.
///
/// Other catalogs of the search server are none of the shop's: they look as if they were not there. The request for the
/// search server is written anew, from the parts that are known; of the client's head only its entity tag passes.
struct SearchProxy: Sendable {
    /// The headers of a response that are passed on; what concerns the connection or the shop's own policy is not.
    private static let passedOn: Set<String> = [
        "content-type", "etag", "cache-control", "vary", "retry-after", "server-timing",
    ]
    private static let timeout = TimeAmount.seconds(10)
    private static let busy = Problem(
        .serviceUnavailable, "busy", "too many people search at this moment", hint: "try again in a second",
        retryAfter: 1)
    /// The texts of a reply have some 8 MB at most; JSON may need twice as much for them.
    private static let largestReply = 16 << 20

    /// The address of the search server, without a path: `http://127.0.0.1:8080`.
    let origin: String
    /// The catalog of the goods.
    let catalog: String
    /// The key that searches are sent with; nil if they need none.
    let key: Secret?
    let logger: Logger
    /// The searches that the server works at, or that wait for it.
    private let slots: Slots

    /// Creates a proxy for the search server of a feed's target, whose address is `ORIGIN/v1/CATALOG`; nil for an
    /// address of another form. `limit` is the most searches at a time; more get the status 503.
    init?(target: ShopConfiguration.FeedTarget, limit: Int = 64, logger: Logger) {
        guard let middle = target.url.firstRange(of: "/v1/") else { return nil }
        origin = String(target.url[..<middle.lowerBound])
        catalog = String(target.url[middle.upperBound...])
        key = target.searchKey
        self.logger = logger
        slots = Slots(limit)
    }

    func add(to router: Router<ShopContext>) {
        router.get("v1") { _, _ in jsonReply(["catalogs": [["name": catalog]]]) }
        for path in ["", "/search", "/suggest", "/facets"] {
            let hasField = path == "/facets"
            router.get(RouterPath("v1/:catalog" + path + (hasField ? "/:field" : ""))) { request, context in
                guard context.parameters.get("catalog") == catalog else { throw Problem.missing("catalog") }
                let field = hasField ? "/" + Self.escaped(try context.parameters.require("field"), keeping: "-_") : ""
                return try await pass(request, context, to: "/v1/" + catalog + path + field)
            }
        }
    }

    private func pass(_ request: Request, _ context: ShopContext, to path: String) async throws -> Response {
        let query = request.uri.query.map { "?" + Self.escaped($0, keeping: "-._~!$&'()*+,;=:@/?") } ?? ""
        var forwarded = HTTPClientRequest(url: origin + path + query)
        if let key { forwarded.headers.add(name: "Authorization", value: "Bearer \(key.value)") }
        if let id = RequestID.current { forwarded.headers.add(name: "X-Request-Id", value: id) }
        if let tag = request.headers[.ifNoneMatch] { forwarded.headers.add(name: "If-None-Match", value: tag) }
        if let client = context.client { forwarded.headers.add(name: "X-Forwarded-For", value: client.text) }
        do {
            let (reply, body) = try await slots.run(orThrow: Self.busy) { [forwarded] in
                let reply = try await HTTPClient.search.execute(forwarded, timeout: Self.timeout)
                return (reply, try await reply.body.collect(upTo: Self.largestReply))
            }
            var headers = HTTPFields()
            for (name, value) in reply.headers where Self.passedOn.contains(name.lowercased()) {
                if let field = HTTPField.Name(name) { headers[field] = value }
            }
            return Response(
                status: .init(code: Int(reply.status.code)), headers: headers, body: .init(byteBuffer: body))
        } catch let problem as Problem {
            throw problem
        } catch {
            logger.warning("search cannot be reached", metadata: ["error": "\(error)"])
            throw Problem.unavailable
        }
    }

    /// Escapes every byte but letters, digits, some others, and what is escaped already.
    static func escaped(_ text: String, keeping others: String) -> String {
        let bytes = Array(text.utf8)
        func isHex(_ index: Int) -> Bool { index < bytes.count && Character(UnicodeScalar(bytes[index])).isHexDigit }
        var result = ""
        for (index, byte) in bytes.enumerated() {
            let scalar = UnicodeScalar(byte), character = Character(scalar)
            let isEscape = byte == UInt8(ascii: "%") && isHex(index + 1) && isHex(index + 2)
            if isEscape || scalar.isASCII && (character.isLetter || character.isNumber || others.contains(character)) {
                result.append(character)
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return result
    }
}
