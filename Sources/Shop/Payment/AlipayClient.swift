import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A client of Alipay's gateway: the payment page of an order, and queries, closings and refunds of its trade.
struct AlipayClient: Sendable {
    /// A reply of the gateway, whose signature was verified.
    struct Trade: Decodable, Sendable, Equatable {
        var code: String
        var subCode: String?
        var outTradeNo: String?
        var tradeNo: String?
        var tradeStatus: String?
        var totalAmount: String?

        /// True if nobody has opened the payment page: Alipay knows nothing of the order.
        var isMissing: Bool { subCode == "ACQ.TRADE_NOT_EXIST" }
        /// True if the buyer has paid.
        var isPaid: Bool { ["TRADE_SUCCESS", "TRADE_FINISHED"].contains(tradeStatus) }
    }

    private static let timeout = TimeAmount.seconds(15)

    let settings: AlipaySettings
    let keys: AlipayKeys
    /// The origin of the shop's pages.
    let origin: String
    let now: @Sendable () -> Milliseconds

    init(_ settings: AlipaySettings, origin: String, now: @escaping @Sendable () -> Milliseconds) throws {
        self.settings = settings
        self.origin = origin
        self.now = now
        keys = try AlipayKeys(settings)
    }

    /// Returns the address of the page on which an order is paid, until the order expires.
    func payAddress(of order: Order) throws -> String {
        var content = [
            "out_trade_no": order.id, "total_amount": Yuan.text(order.total), "subject": "Quire 书店 \(order.id)",
            "product_code": "FAST_INSTANT_TRADE_PAY",
        ]
        content["time_expire"] = order.expires.map(Self.beijingTime)
        let members = try signed(
            "alipay.trade.page.pay", content,
            [
                "notify_url": settings.notifyURL ?? origin + "/api/v1/pay/alipay/notify",
                "return_url": "\(origin)/orders/\(order.id)",
            ])
        return "\(settings.gateway)?\(formEncoded(members))"
    }

    /// Returns the trade of an order. Errors: `AlipayError`.
    func query(_ order: String) async throws -> Trade {
        try await call("alipay.trade.query", ["out_trade_no": order])
    }

    /// Closes the trade of an order, so that nobody can pay it any more. Errors: `AlipayError`.
    func close(_ order: String) async throws -> Trade {
        try await call("alipay.trade.close", ["out_trade_no": order])
    }

    /// Gives all the money of an order back; repeating it gives nothing more. Errors: `AlipayError`.
    func refund(_ order: Order) async throws -> Trade {
        try await call(
            "alipay.trade.refund",
            [
                "out_trade_no": order.id, "refund_amount": Yuan.text(order.total), "out_request_no": order.id,
            ])
    }

    // MARK: Requests

    /// Returns the members of a request with their signature.
    private func signed(
        _ method: String, _ content: [String: String], _ more: [String: String] = [:]
    ) throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var members = more.merging(
            [
                "app_id": settings.appID, "method": method, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
                "timestamp": Self.beijingTime(now()), "version": "1.0",
                "biz_content": String(decoding: try encoder.encode(content), as: UTF8.self),
            ]) { $1 }
        members["sign"] = try keys.sign(AlipayKeys.text(of: members))
        return members
    }

    private func call(_ method: String, _ content: [String: String]) async throws -> Trade {
        var members = try signed(method, content)
        let body = ["biz_content": members.removeValue(forKey: "biz_content") ?? ""]
        var request = HTTPClientRequest(url: "\(settings.gateway)?\(formEncoded(members))")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded;charset=utf-8")
        request.body = .bytes(ByteBuffer(string: formEncoded(body)))
        let reply: ByteBuffer
        do {
            let response = try await HTTPClient.services.execute(request, timeout: Self.timeout)
            reply = try await response.body.collect(upTo: 256 << 10)
        } catch {
            throw AlipayError.unreachable("\(error)")
        }
        return try trade(in: Array(reply.readableBytesView), of: method)
    }

    /// Reads a reply. The signature covers the bytes of the trade, which are decoded as they stand there.
    ///
    /// Errors: `AlipayError.unverified` for a reply that Alipay has not signed, `refused` for one that says so of the
    /// request, which needs no signature to be an error.
    func trade(in reply: [UInt8], of method: String) throws -> Trade {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let members = rawMembers(of: reply) ?? [:]
        func member<Value: Decodable>(_ name: String, _ type: Value.Type) -> (value: Value, raw: Data)? {
            guard let raw = members[Array(name.utf8)].map({ Data($0) }) else { return nil }
            return (try? decoder.decode(type, from: raw)).map { ($0, raw) }
        }
        if let refusal = member("error_response", Trade.self)?.value {
            throw AlipayError.refused(refusal.subCode ?? refusal.code)
        }
        guard let trade = member(method.replacing(".", with: "_") + "_response", Trade.self),
            let signature = member("sign", String.self), keys.isSigned(trade.raw, signature.value)
        else { throw AlipayError.unverified }
        return trade.value
    }

    /// A time as Alipay writes it, in China wherever the server stands.
    static func beijingTime(_ time: Milliseconds) -> String {
        let date = Date(timeIntervalSince1970: Double(time / 1000 + 8 * 3600))
        return date.formatted(.iso8601).replacing("T", with: " ").replacing("Z", with: "")
    }
}

/// An error of the way to Alipay; nothing is known of the trade.
enum AlipayError: Error, Equatable, CustomStringConvertible {
    case unreachable(String)
    /// The reply is not signed by Alipay.
    case unverified
    case refused(String)

    var description: String {
        switch self {
        case .unreachable(let reason): "Alipay cannot be reached: \(reason)"
        case .unverified: "Alipay has not signed its reply"
        case .refused(let code): "Alipay refused: \(code)"
        }
    }
}

/// Amounts as Alipay writes them, in yuan.
package enum Yuan {
    static func text(_ fen: Int) -> String { "\(fen / 100).\(fen % 100 < 10 ? "0" : "")\(fen % 100)" }

    /// The amount in fen; nil for a text that is not digits with two places at most: `52.6` is `52.60`.
    package static func fen(_ text: String) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard isNumber, (1...2).contains(parts.count), parts[0].count <= 12 else { return nil }
        let places = parts.count == 2 ? parts[1] : "0"
        guard places.count <= 2, let yuan = Int(parts[0]), let fen = Int(places) else { return nil }
        return yuan * 100 + (places.count == 1 ? fen * 10 : fen)
    }
}
