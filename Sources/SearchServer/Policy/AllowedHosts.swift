/// The names by which clients may address a server.
///
/// A page of another site can make its own name resolve to the server's address, and would then be allowed by a browser
/// to read the replies; its requests have that name as their host. Addresses in digits and the names of the machine
/// itself are always allowed: nobody can make them resolve to something else.
struct AllowedHosts: Sendable {
    /// The allowed names in lower case, without ports; nil if every name is allowed.
    private let names: Set<String>?

    /// Creates a list of names, to which `localhost` is added. The name `*` allows all.
    init(_ names: [String]) {
        self.names = names.contains("*") ? nil : Set(names.map { $0.lowercased() } + ["localhost"])
    }

    /// True if a request may have an authority (`host`, `host:port`, `[v6]` or `[v6]:port`) as its host.
    func allows(_ authority: String) -> Bool {
        guard let host = Self.host(of: authority) else { return false }
        return names?.contains(host) ?? true || Self.isAddress(host)
    }

    /// The host of an authority in lower case, without the port and a dot at its end; nil if it is malformed.
    static func host(of authority: String) -> String? {
        var host = Substring(authority.lowercased())
        let end = host.first == "[" ? host.firstIndex(of: "]").map { host.index(after: $0) } : host.firstIndex(of: ":")
        if host.first == "[", end == nil { return nil }
        if let end {
            let port = host[end...]
            guard port.isEmpty || port.first == ":" && port.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber }) else {
                return nil
            }
            host = host[..<end]
        }
        if host.last == "." { host.removeLast() }
        let isPlain = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/?#@\\".utf8.contains($0) }
        return host.isEmpty || !isPlain ? nil : String(host)
    }

    /// True if a host is an address in digits: four numbers with dots, or anything in brackets.
    private static func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            return host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
