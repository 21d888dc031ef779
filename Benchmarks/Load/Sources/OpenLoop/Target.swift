package import NIOCore

/// A server on this machine. Others are refused: a load generator must not be pointed at somebody else's server.
package struct Target: Sendable {
    /// The address to connect to.
    package let address: SocketAddress
    /// The value of the header `Host`.
    package let host: String

    /// Parses `http://ADDRESS:PORT`, or `ADDRESS:PORT`.
    ///
    /// Errors: `notLoopback` for another address than `localhost`, 127.0.0.0/8 and `[::1]`; `malformed`.
    package init(_ text: String) throws(TargetError) {
        var rest = text[...]
        if rest.hasPrefix("http://") { rest = rest.dropFirst("http://".count) }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw .malformed(text) }
        var name = String(rest[..<colon])
        host = String(rest)
        if name == "localhost" { name = "127.0.0.1" }
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        guard let address = try? SocketAddress(ipAddress: name, port: port), Self.isLoopback(name) else {
            throw .notLoopback(name)
        }
        self.address = address
    }

    /// True for the addresses of this machine alone, in digits.
    private static func isLoopback(_ address: String) -> Bool {
        if address == "::1" { return true }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } && parts[0] == "127"
    }
}

/// The reason why a target cannot be used.
package enum TargetError: Error, Equatable, CustomStringConvertible {
    case malformed(String)
    case notLoopback(String)

    package var description: String {
        switch self {
        case .malformed(let text): "\"\(text)\" is not http://ADDRESS:PORT"
        case .notLoopback(let name):
            "\(name) is not an address of this machine; only localhost, 127.x.x.x and [::1] are"
        }
    }
}
