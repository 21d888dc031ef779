import FoundationEssentials
import Hummingbird
import NIOCore

/// The routes of payments: `POST /api/v1/orders/{id}/pay` returns the address of Alipay's page, `GET` tells whether the
/// order is paid, `POST /api/v1/pay/alipay/notify` is for Alipay.
struct PaymentRoutes: Sendable {
    let store: Store
    /// Nil for a shop that has no account at Alipay.
    let payments: AlipayPayments?

    private static let noticeLimit = 64 << 10

    private struct StatusReply: Encodable { var status: OrderStatus }

    func add(to routes: RouterGroup<ShopContext>) {
        routes.post("orders/:id/pay") { _, context in
            let order = try await order(context)
            guard let payments, order.payMethod == .alipay, order.status == .unpaid, order.expires ?? 0 > payments.now()
            else {
                throw Problem(.conflict, "wrong_status", "the order cannot be paid")
            }
            return jsonReply(["pay_url": try payments.client.payAddress(of: order)])
        }
        routes.get("orders/:id/pay") { _, context in
            let order = try await order(context)
            if let payments {
                do {
                    try await payments.refresh(order)
                } catch let error where error is AlipayError || error is RedisError {
                    // The notice will come, or the next request.
                    context.logger.warning("Alipay was not asked", metadata: ["error": "\(error)"])
                }
            }
            return jsonReply(StatusReply(status: try await self.order(context).status))
        }
        routes.post("pay/alipay/notify") { request, _ in
            let bad = Problem(.badRequest, "bad_notice", "this is no notice of Alipay")
            guard let payments, let body = try? await request.body.collect(upTo: Self.noticeLimit),
                let members = formMembers(String(buffer: body))
            else { throw bad }
            try await payments.take(members)
            return Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: .init(byteBuffer: ByteBuffer(string: "success")))
        }
    }

    private func order(_ context: ShopContext) async throws -> Order {
        let (id, passport) = (try context.parameters.require("id"), try context.passport)
        guard let order = try await store.read({ try $0.order(id, of: passport) }) else {
            throw Problem.missing("order")
        }
        return order
    }
}
