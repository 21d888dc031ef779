import FoundationEssentials
import Hummingbird

/// A problem document (RFC 9457): an error as `application/problem+json`, with a stable code, the parameter and a hint.
///
/// ```swift
/// throw Problem(.conflict, "not_for_sale", "not all goods can be bought", items: [.init(goodsId: 7, reason:
/// "off_shelf")])
/// ```
struct Problem: Error, Encodable {
    /// One of several goods that a problem is about.
    struct Item: Encodable, Equatable {
        var goodsId: Int
        var reason: String
        /// The number that could be bought.
        var available: Int?
    }

    /// The reason phrase of the status.
    var title: String
    /// The HTTP status code.
    var status: Int
    /// A stable identifier of the kind of problem, for programs.
    var code: String
    /// The name of the parameter or member that is not valid; nil for other problems.
    var param: String?
    /// The problem as a sentence.
    var detail: String
    /// The remedy as a sentence.
    var hint: String?
    /// The goods that the problem is about.
    var items: [Item]?
    /// The time after which the request may be repeated, in seconds; sent as a header, not in the body.
    var retryAfter: Int?

    enum CodingKeys: String, CodingKey {
        case title, status, code, param, detail, hint, items
    }

    init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, param: String? = nil, hint: String? = nil,
        items: [Item]? = nil, retryAfter: Int? = nil
    ) {
        title = status.reasonPhrase
        self.status = status.code
        self.code = code
        self.param = param
        self.detail = detail
        self.hint = hint
        self.items = items
        self.retryAfter = retryAfter
    }

    /// Creates the problem of a value that breaks a rule.
    static func value(_ param: String, _ detail: String, hint: String? = nil) -> Problem {
        Problem(.badRequest, "bad_value", detail, param: param, hint: hint)
    }

    /// Creates the problem of something that is not there, or belongs to somebody else: the two look the same.
    static func missing(_ thing: String) -> Problem {
        Problem(.notFound, "not_found", thing == "goods" ? "there are no such goods" : "there is no such \(thing)")
    }

    /// The problem of a service behind the shop that cannot be reached.
    static let unavailable = Problem(
        .serviceUnavailable, "unavailable", "the shop cannot do this at the moment", hint: "try again in a few seconds",
        retryAfter: 2)

    /// The problem as a response with its headers.
    var response: Response {
        var response = jsonReply(self, status: .init(code: status), type: "application/problem+json")
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        if status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}
