import HTTPTypes
import Hummingbird
import Logging

/// Follows each request: gives it an id, which the client or a proxy may choose and the reply carries, knows the
/// browser again by the cookie `visitor`, and lets routes record what visitors do.
///
/// With `logsRequests` it logs each request when its response begins: method, route, status, milliseconds, account, and
/// neither query nor body, which may hold tokens.
struct EventMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    let events: EventLog
    let logsRequests: Bool
    let now: @Sendable () -> Milliseconds

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let id =
            request.headers[.requestID].flatMap { Self.isName($0) ? $0 : nil }
            ?? String(UInt64.random(in: 0...UInt64.max), radix: 16)
        context.logger[metadataKey: "request_id"] = "\(id)"
        let visitor = request.cookies["visitor"]?.value
        context.trace = RequestTrace(
            id: id, visitor: visitor.flatMap { Self.isName($0) ? $0 : nil }, now: now, onEvent: events.record)
        let start = ContinuousClock.now
        var response = try await RequestID.$current.withValue(id) { try await next(request, context) }
        response.headers[.requestID] = id
        if logsRequests {
            context.logger.notice(
                "request",
                metadata: [
                    "method": "\(request.method)", "route": "\(context.endpointPath ?? "none")",
                    "status": "\(response.status.code)", "ms": "\((ContinuousClock.now - start).milliseconds)",
                    "passport": "\(context.trace?.passport.map(String.init) ?? "")",
                ])
        }
        return response
    }

    /// True for a text that may stand for a request or a visitor: up to 64 letters, digits, `-` and `_`.
    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return byte < 128 && (character.isLetter || character.isNumber || "-_".contains(character))
            }
    }
}

extension HTTPField.Name {
    static var requestID: HTTPField.Name { Self("X-Request-Id").unsafelyUnwrapped }
}
