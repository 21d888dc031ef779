import HTTPTypes
import NIOHTTP1

/// The rules for the heads of requests (RFC 9110 and 9112) that the parser does not know.
struct RequestRules: Sendable {
    /// A head that follows the rules.
    struct Admitted {
        /// The head with its target as path and query, and with `Connection: close` or no field `Connection`.
        var head: HTTPRequestHead
        /// True if the client asks for another request on the same connection.
        var keepsAlive: Bool
        /// True if the client waits for `100 Continue` before it sends the body.
        var awaitsContinue: Bool
    }

    /// The names by which clients may address the server.
    let hosts: AllowedHosts

    /// Returns a head as the routes expect it.
    ///
    /// Errors: 400 for a missing, malformed or repeated `Host`, for targets that are neither a path nor an absolute
    /// URL, and for a body's coding in HTTP/1.0; 417, 421, 501, 505.
    func admit(_ received: HTTPRequestHead) throws(Problem) -> Admitted {
        var head = received
        guard head.version.major == 1 else { throw .unsupportedVersion }
        let isOld = head.version.minor == 0
        let authority = try authority(of: head, isRequired: !isOld)
        head.uri = try target(of: head, authority)
        if let authority, !hosts.allows(authority) { throw .unknownHost(authority) }
        guard head.method != .CONNECT else {
            throw Problem(.methodNotAllowed, "method_not_allowed", "the server is no proxy", hint: "use GET")
        }
        try checkCoding(head, isOld: isOld)
        let options = head.headers[canonicalForm: "connection"].map { $0.lowercased() }
        // What follows a request for another protocol is not parsed, so that the connection cannot go on.
        let isUpgrade = options.contains("upgrade")
        let keepsAlive = !options.contains("close") && (!isOld || options.contains("keep-alive")) && !isUpgrade
        head.headers.remove(name: "connection")
        if !keepsAlive { head.headers.add(name: "connection", value: "close") }
        let expectations = isOld ? [] : head.headers[canonicalForm: "expect"].map { $0.lowercased() }
        guard expectations.allSatisfy({ $0 == "100-continue" }) else {
            throw Problem(
                .expectationFailed, "unknown_expectation", "the only known expectation is 100-continue",
                hint: "send the request without the header Expect")
        }
        let hasBody = head.headers.contains(name: "content-length") || head.headers.contains(name: "transfer-encoding")
        return Admitted(head: head, keepsAlive: keepsAlive, awaitsContinue: hasBody && !expectations.isEmpty)
    }

    /// The value of `Host`; nil if it is missing and not required.
    private func authority(of head: HTTPRequestHead, isRequired: Bool) throws(Problem) -> String? {
        let values = head.headers["host"]
        guard values.count < 2 else { throw .badHost("the request has several headers Host") }
        guard let value = values.first else {
            if isRequired { throw .badHost("the request has no header Host") }
            return nil
        }
        guard AllowedHosts.host(of: value) != nil else { throw .badHost("the header Host is not a host with a port") }
        return value
    }

    /// The target without scheme and authority, which must be those of the header `Host`.
    private func target(of head: HTTPRequestHead, _ authority: String?) throws(Problem) -> String {
        let target = head.uri
        if target.hasPrefix("/") || target == "*" && head.method == .OPTIONS || head.method == .CONNECT {
            return target
        }
        guard let scheme = target.range(of: "://"),
            ["http", "https"].contains(target[..<scheme.lowerBound].lowercased())
        else {
            throw Problem(
                .badRequest, "bad_target", "the target of the request is neither a path nor an absolute URL",
                hint: "begin the target with a slash")
        }
        let rest = target[scheme.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let named = String(rest[..<end])
        guard AllowedHosts.host(of: named) != nil, hosts.allows(named) else { throw .unknownHost(named) }
        guard authority == nil || authority?.lowercased() == named.lowercased() else {
            throw .badHost("the target of the request and the header Host have different hosts")
        }
        return rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
    }

    /// Checks that the body's end can be found by everybody who read the request on its way.
    private func checkCoding(_ head: HTTPRequestHead, isOld: Bool) throws(Problem) {
        let codings = head.headers[canonicalForm: "transfer-encoding"].map { $0.lowercased() }
        guard head.headers.contains(name: "transfer-encoding") else { return }
        guard !isOld else {
            throw Problem(.badRequest, "bad_request", "HTTP/1.0 has no header Transfer-Encoding")
        }
        guard codings == ["chunked"] else {
            throw Problem(
                .notImplemented, "unsupported_coding", "the only known transfer coding is chunked",
                hint: "send the body as it is, with its length or in chunks")
        }
    }
}

extension Problem {
    /// The problem of a request in another version of HTTP.
    static var unsupportedVersion: Problem {
        Problem(
            .httpVersionNotSupported, "unsupported_version", "the server understands HTTP/1.1 and HTTP/1.0",
            hint: "use HTTP/1.1 without TLS")
    }

    /// The problem of a missing, repeated or contradictory host.
    fileprivate static func badHost(_ detail: String) -> Problem {
        Problem(.badRequest, "bad_host", detail, hint: "send one header Host with the name or address of the server")
    }

    /// The problem of a host that is not allowed.
    fileprivate static func unknownHost(_ host: String) -> Problem {
        Problem(
            .misdirectedRequest, "unknown_host", "this server is not known as \(host.prefix(100))",
            hint: "start the server with --allowed-host NAME for each name by which clients address it")
    }

    /// The problem of bytes that are no request. `overflow` is the problem of a head that is too large.
    init(_ error: HTTPParserError, overflow: @autoclosure () -> Problem) {
        switch error {
        case .headerOverflow: self = overflow()
        case .invalidVersion, .paused: self = .unsupportedVersion
        case .invalidURL:
            self.init(
                .badRequest, "bad_target", "the target of the request has characters that a URL cannot have",
                hint: "percent-encode all characters but letters, digits and -._~ in names and values")
        default:
            self.init(
                .badRequest, "bad_request", "the bytes received are not a request in HTTP/1.1",
                hint: "check the request line, the headers, the length and the chunks of the body; use no TLS")
        }
    }

    /// The problem of a target beyond the limit.
    static func longTarget(_ limits: ServerLimits) -> Problem {
        Problem(
            .uriTooLong, "target_too_long", "the target of the request has more than \(limits.maxTargetBytes) bytes",
            hint: "use a shorter query, or fewer filters")
    }

    /// The problem of a head beyond the limits.
    static func largeHead(_ limits: ServerLimits) -> Problem {
        Problem(
            .requestHeaderFieldsTooLarge, "headers_too_large",
            "the headers of the request have more than \(limits.maxHeadBytes) bytes or \(limits.maxFields) fields",
            hint: "send fewer headers; cookies are not needed")
    }
}
