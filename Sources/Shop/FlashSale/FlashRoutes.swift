import HTTPTypes
import Hummingbird
import NIOCore

/// The routes of flash sales: `GET /api/v1/flash` lists them, `POST /flash/{id}/claim` claims a unit,
/// `GET /flash/{id}/ticket` tells who got no answer which ticket the claim got, and `GET /flash/tickets/{ticket}` what
/// became of it.
struct FlashRoutes: Sendable {
    let store: Store
    let cache: PageCache
    let claims: FlashClaims
    let now: @Sendable () -> Milliseconds

    private struct Sale: Encodable {
        var id: Int
        var goods: GoodsSummary
        var price: Int
        var stock: Int
        var startAt: Milliseconds
        var endAt: Milliseconds
    }

    private struct ClaimBody: Decodable { var addressId: Int? }

    private struct TicketReply: Encodable {
        var status: String
        var orderId: String?
        var reason: String?
    }

    func add(to routes: RouterGroup<ShopContext>) {
        routes.get("flash") { _, _ in
            let page = try await cache.page(.lists, "flash") { PageCache.encoded(try encodedJSON(await sales())) }
            // The time is that of now, whenever the rest was made.
            var body = ByteBuffer(string: #"{"now":\#(now()),"sold_out":[\#(soldOut)],"items":"#)
            body.writeImmutableBuffer(page.body)
            body.writeString("}")
            return Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
                body: .init(byteBuffer: body))
        }
        routes.post("flash/:id/claim") { request, context in
            let (id, passport) = (try context.parameters.id("id", of: "sale"), try context.passport)
            let body = try await request.hasBody ? request.decoded(ClaimBody.self) : nil
            let claim = FlashClaim(
                flash: id, passport: passport, address: body?.addressId, language: request.language)
            return jsonReply(["ticket": try await ticket(of: claim)], status: .accepted)
        }
        routes.get("flash/:id/ticket") { _, context in
            let (id, passport) = (try context.parameters.id("id", of: "sale"), try context.passport)
            guard let ticket = try await claims.ticket(of: passport, in: id) else { throw Problem.missing("ticket") }
            return jsonReply(["ticket": ticket])
        }
        routes.get("flash/tickets/:ticket") { _, context in
            let (ticket, passport) = (try context.parameters.require("ticket"), try context.passport)
            switch try await claims.ticket(ticket, of: passport) {
            case .queued: return jsonReply(TicketReply(status: "queued"))
            case .ordered(let order): return jsonReply(TicketReply(status: "ordered", orderId: order))
            case .failed(let reason): return jsonReply(TicketReply(status: "failed", reason: reason))
            case nil: throw Problem.missing("ticket")
            }
        }
    }

    private var soldOut: String { claims.soldOut.sorted().map(String.init).joined(separator: ",") }

    private func sales() async throws -> [Sale] {
        let now = now()
        return try await store.read { transaction in
            let sales = try transaction.openFlashSales(endingAfter: now)
            let goods = try transaction.goods(sales.map(\.goodsID))
            return sales.compactMap { sale in
                guard let goods = goods[sale.goodsID], goods.isOnSale else { return nil }
                return Sale(
                    id: sale.id, goods: GoodsSummary(goods), price: sale.price, stock: sale.stock,
                    startAt: sale.startAt, endAt: sale.endAt)
            }
        }
    }

    private func ticket(of claim: FlashClaim) async throws -> String {
        switch try await claims.claim(claim) {
        case .ticket(let ticket): return ticket
        case .notOpen: throw Problem(.conflict, "not_open", "the sale has not begun", hint: "wait until its start")
        case .ended: throw Self.ended
        case .soldOut: throw FlashShedding.soldOut
        case .missing:
            guard let sale = try await store.read({ try $0.flashSale(claim.flash) }) else {
                throw Problem.missing("sale")
            }
            // Redis was lost, and a worker will seed it.
            throw sale.status == .open ? Problem.unavailable : Self.ended
        }
    }

    private static let ended = Problem(.conflict, "ended", "the sale has ended")
}

/// Refuses claims of sales that this process knows to be sold out, before they cost a way to Redis.
struct FlashShedding: RouterMiddleware {
    typealias Context = ShopContext

    static let soldOut = Problem(.conflict, "sold_out", "all units of the sale are taken")

    let claims: FlashClaims

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        if request.method == .post, let sale = Self.sale(request.uri.path), claims.refuses(sale) {
            return Self.soldOut.response
        }
        return try await next(request, context)
    }

    /// The sale that a path claims a unit of; nil for another path.
    static func sale(_ path: String) -> Int? {
        let parts = path.split(separator: "/")
        guard parts.count == 5, parts[0] == "api", parts[1] == "v1", parts[2] == "flash", parts[4] == "claim" else {
            return nil
        }
        return Int(parts[3])
    }
}
