import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A client of QQ's OAuth 2.0: the page on which people log in there, and who somebody is that comes back from it.
struct QQClient: Sendable {
    private static let bodyLimit = 64 << 10

    let settings: QQSettings
    /// The address to which QQ sends people back.
    let callback: String

    /// Returns the address of the page on which people log in at QQ.
    func pageAddress(state: String) -> String {
        let query = formEncoded([
            "response_type": "code", "client_id": settings.clientID, "redirect_uri": callback, "state": state,
            "scope": "get_user_info",
        ])
        return "\(settings.gateway)/oauth2.0/authorize?\(query)"
    }

    /// Returns the person whom QQ has given a code. Errors: `QQError`.
    func person(of code: String) async throws -> OAuthLink {
        try await withThrowingTaskGroup(of: OAuthLink.self) { group in
            group.addTask { try await find(code) }
            // The library's own limit ends with the head of a reply; a body could come byte by byte.
            group.addTask {
                try await Task.sleep(for: settings.timeLimit)
                throw QQError.timedOut
            }
            defer { group.cancelAll() }
            guard let found = try await group.next() else { throw QQError.timedOut }
            return found
        }
    }

    private func find(_ code: String) async throws -> OAuthLink {
        let (token, me, user) = ("/oauth2.0/token", "/oauth2.0/me", "/user/get_user_info")
        // A body: addresses stand in the logs of proxies, and this one would hold code and secret.
        let grant = try await ask(
            token,
            form: [
                "grant_type": "authorization_code", "client_id": settings.clientID,
                "client_secret": settings.secret.value, "code": code, "redirect_uri": callback, "fmt": "json",
            ])
        guard let access = grant["access_token"], Self.isToken(access, 512) else { throw QQError.unreadable(token) }
        let identity = try await ask(me, ["access_token": access, "fmt": "json"])
        guard let openid = identity["openid"], Self.isToken(openid, 64) else { throw QQError.unreadable(me) }
        guard identity["client_id"] == settings.clientID else { throw QQError.foreignToken }
        let profile = try await ask(
            user, ["access_token": access, "oauth_consumer_key": settings.clientID, "openid": openid])
        guard profile["ret"] == "0" else { throw QQError.unreadable(user) }
        let name = (profile["nickname"] ?? "").unicodeScalars.filter { $0.properties.generalCategory != .control }
        return OAuthLink(provider: "qq", openid: openid, nickname: String(String.UnicodeScalarView(name.prefix(40))))
    }

    /// Asks QQ, by a form if there is one, and returns the members of its reply.
    private func ask(
        _ path: String, _ query: [String: String] = [:], form: [String: String]? = nil
    ) async throws -> [String: String] {
        var request = HTTPClientRequest(url: "\(settings.gateway)\(path)?\(formEncoded(query))")
        if let form {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: formEncoded(form)))
        }
        let body: ByteBuffer
        do {
            let timeout = TimeAmount.milliseconds(settings.timeLimit.milliseconds)
            let response = try await HTTPClient.services.execute(request, timeout: timeout)
            guard response.status == .ok else { throw QQError.unreadable(path) }
            body = try await response.body.collect(upTo: Self.bodyLimit)
        } catch let error as QQError {
            throw error
        } catch is NIOTooManyBytesError {
            throw QQError.unreadable(path)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw QQError.timedOut
        } catch {
            throw QQError.unreachable("\(error)")
        }
        guard let members = QQReply.members(of: Array(body.readableBytesView)) else { throw QQError.unreadable(path) }
        // An error of the token and the person is `error`, one of the profile `ret`.
        for name in ["error", "ret"] {
            guard let code = members[name], code != "0" else { continue }
            throw Int(code).map { QQError.refused(path, $0) } ?? .unreadable(path)
        }
        return members
    }

    private static func isToken(_ text: String, _ limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

/// An error of the way to QQ. It shows neither codes nor tokens.
enum QQError: Error, Equatable, CustomStringConvertible {
    case unreachable(String)
    case timedOut
    /// A reply that is not one of QQ, by the path that was asked.
    case unreadable(String)
    case refused(String, Int)
    /// The token was given to another application.
    case foreignToken

    /// True if QQ does not know the code, or it has expired or been used. The person can log in again.
    var isOldCode: Bool { [.refused("/oauth2.0/token", 100_019), .refused("/oauth2.0/token", 100_020)].contains(self) }

    var description: String {
        switch self {
        case .unreachable(let reason): "QQ cannot be reached: \(reason)"
        case .timedOut: "QQ did not answer in time"
        case .unreadable(let path): "QQ's answer to \(path) cannot be read"
        case .refused(let path, let code): "QQ refused \(path): \(code)"
        case .foreignToken: "QQ's token belongs to another application"
        }
    }
}
