/// An order as the API shows it.
struct OrderReply: Encodable, Sendable {
    var orderId: String
    var status: OrderStatus
    var payMethod: PayMethod
    var totalCount: Int
    var totalPrice: Int
    var transitPrice: Int
    var address: [String: JSONValue]
    var createdAt: Milliseconds
    /// The time by which the order must be paid.
    var expiresAt: Milliseconds?
    var items: [OrderLine]
    var events: [OrderEvent]?

    init(_ order: Order, _ lines: [OrderLine], _ events: [OrderEvent]? = nil) {
        orderId = order.id
        status = order.status
        payMethod = order.payMethod
        totalCount = order.totalCount
        totalPrice = order.totalPrice
        transitPrice = order.transitPrice
        address = JSONValue.object(order.address)
        createdAt = order.created
        expiresAt = order.status == .unpaid ? order.expires : nil
        items = lines
        self.events = events
    }
}
