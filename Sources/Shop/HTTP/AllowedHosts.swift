import HTTPTypes
import Hummingbird

/// The names by which browsers may address the shop.
///
/// A page of another site can make its own name resolve to the shop's address, and would then be allowed to read the
/// replies; its requests have that name as their host. Addresses in digits and `localhost` are always allowed: nobody
/// can make them resolve to something else.
struct AllowedHosts: Sendable {
    /// The allowed names in lower case; nil if every name is allowed.
    private let names: Set<String>?

    /// Creates a list of names. The name `*` allows all.
    init(_ names: [String]) {
        self.names = names.contains("*") ? nil : Set(names.map { $0.lowercased() } + ["localhost"])
    }

    /// True if a request may have an authority, a host with or without a port, as its `Host`.
    func allows(_ authority: String) -> Bool {
        guard let host = Self.host(of: authority) else { return false }
        return names?.contains(host) ?? true || IPAddress(host) != nil
    }

    /// The host of an authority in lower case, without the port, brackets and a dot at its end; nil if it is malformed.
    static func host(of authority: String) -> String? {
        var host = Substring(authority.lowercased())
        var port = Substring()
        if host.first == "[" {
            guard let end = host.firstIndex(of: "]") else { return nil }
            port = host[host.index(after: end)...]
            host = host[..<end].dropFirst()
        } else if let colon = host.firstIndex(of: ":") {
            port = host[colon...]
            host = host[..<colon]
        }
        guard port.isEmpty || port.first == ":" && port.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        if host.last == "." { host.removeLast() }
        return host.isEmpty ? nil : String(host)
    }
}

/// Refuses requests for other hosts (421), without one, or with several (400).
struct HostMiddleware: RouterMiddleware {
    typealias Context = ShopContext

    let hosts: AllowedHosts

    func handle(
        _ request: Request, context: ShopContext, next: (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        try check(request)
        return try await next(request, context)
    }

    /// Checks the header `Host`, of which the first is the authority of the request, and the host of a whole address as
    /// its target, which stands above the header.
    func check(_ request: Request) throws {
        guard let authority = request.head.authority, !authority.isEmpty, request.headers[Self.host] == nil else {
            throw Problem(.badRequest, "bad_host", "the request has no header Host, or several")
        }
        for name in [authority] + (request.uri.host.map { [$0] } ?? []) where !hosts.allows(name) {
            throw Problem(
                .misdirectedRequest, "unknown_host", "this server is not known as \(name.prefix(100))",
                hint: "name it in the setting http.allowedHosts")
        }
    }

    private static let host = HTTPField.Name("Host").unsafelyUnwrapped
}
