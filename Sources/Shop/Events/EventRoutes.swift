import HTTPTypes
import Hummingbird

/// The route by which pages tell what their visitors do: `POST /api/v1/events`.
struct EventRoutes: Sendable {
    /// True if cookies are sent over TLS only.
    let usesTLS: Bool

    private static let limit = 10
    private static let visitorLifetime = 365 * 86_400

    private struct ToldEvents: Decodable { var events: [Told] }

    private struct Told: Decodable {
        var kind: String
        var goodsId: Int?
        var query: String?
        var position: Int?
        /// The member `query_id` of the reply in which the clicked hit stood.
        var queryId: String?
    }

    func add(to routes: RouterGroup<ShopContext>) {
        routes.post("events") { request, context in
            let told = try await request.decoded(ToldEvents.self).events
            guard (1...Self.limit).contains(told.count) else {
                throw Problem.value("events", "there must be 1 to \(Self.limit) events")
            }
            let kinds = try told.map(Self.kind)
            let visitor = context.trace?.visitor ?? randomToken()
            for (event, kind) in zip(told, kinds) {
                context.trace?.record(
                    kind, goods: event.goodsId, query: event.query, position: event.position,
                    queryID: kind == .click ? event.queryId : nil, visitor: visitor)
            }
            var response = jsonReply(["accepted": told.count], status: .accepted)
            if context.trace?.visitor == nil {
                response.setCookie(
                    Cookie(
                        name: "visitor", value: visitor, maxAge: Self.visitorLifetime, path: "/", secure: usesTLS,
                        sameSite: .lax))
            }
            return response
        }
    }

    /// Returns the kind of an event, whose members are checked.
    private static func kind(of event: Told) throws -> Event.Kind {
        guard let kind = Event.Kind(rawValue: event.kind), kind.isTold else {
            throw Problem.value("kind", "a page tells of view, search or click")
        }
        guard event.query.map({ (1...200).contains($0.unicodeScalars.count) }) ?? (kind == .view) else {
            throw Problem.value("query", "searches and clicks have a query of 1 to 200 characters")
        }
        guard event.goodsId.map({ $0 > 0 }) ?? (kind == .search) else {
            throw Problem.value("goods_id", "views and clicks have goods")
        }
        guard event.position.map({ (1...10_000).contains($0) }) ?? true else {
            throw Problem.value("position", "a position is from 1 to 10000")
        }
        guard event.queryId.map({ (1...64).contains($0.utf8.count) }) ?? true else {
            throw Problem.value("query_id", "a query_id has 1 to 64 bytes")
        }
        return kind
    }
}
