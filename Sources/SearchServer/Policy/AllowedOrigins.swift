/// The sites whose pages may read replies in a browser (CORS), each by its exact origin, such as
/// `https://shop.example`.
///
/// Their pages may send every header that the API has, and no cookies. Other sites get replies without a permission,
/// which their browsers keep from them.
package struct AllowedOrigins: Sendable {
    private let origins: Set<String>

    /// No site.
    package static let none = AllowedOrigins(origins: [])

    /// True if no site may read replies.
    var isEmpty: Bool { origins.isEmpty }

    private init(origins: Set<String>) { self.origins = origins }

    /// Allows the sites of some origins. Returns nil if one of them is not an origin in the spelling of browsers: a
    /// scheme, a host in lower case, and a port unless it is that of the scheme.
    package init?(_ origins: [String]) {
        guard origins.allSatisfy(Self.isOrigin) else { return nil }
        self.origins = Set(origins)
    }

    private static func isOrigin(_ text: String) -> Bool {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(parts[0]), let host = AllowedHosts.host(of: String(parts[1]))
        else { return false }
        let port = parts[1].dropFirst(host.count)
        let number = UInt16(port.dropFirst())
        let isUsual = number == (parts[0] == "http" ? 80 : 443)
        let hasPort = number.map { port == ":\($0)" && $0 > 0 && !isUsual } ?? false
        return parts[1].hasPrefix(host) && (port.isEmpty || hasPort) && !host.contains("*") && text == text.lowercased()
    }

    /// True if the pages of an origin may read replies.
    func allows(_ origin: String) -> Bool { origins.contains(origin) }
}
