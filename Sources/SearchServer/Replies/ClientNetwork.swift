import Glibc
import HTTPTypes
import NIOCore

/// The addresses of proxies whose `X-Forwarded-For` is believed, for counting and limiting clients: those of this
/// machine, and those given. Nothing else depends on it.
package struct TrustedProxies: Sendable {
    private let addresses: Set<[UInt8]>
    private static let forwardedFor = HTTPField.Name("X-Forwarded-For")

    /// The proxies of this machine alone.
    package static let thisMachine = TrustedProxies(known: [])

    private init(known: Set<[UInt8]>) { addresses = known }

    /// Trusts this machine and the given addresses. Returns nil if one of them is not an address in digits.
    package init?(_ addresses: [String] = []) {
        var known: Set<[UInt8]> = []
        for text in addresses {
            guard let address = Self.bytes(of: text) else { return nil }
            known.insert(address)
        }
        self.addresses = known
    }

    /// The network of the client of a request: the first 24 bits of an address of version 4, the first 48 of one of
    /// version 6, of which one line may have many with 64. Nil if it is not known.
    func network(_ peer: SocketAddress?, _ headers: HTTPFields) -> [UInt8]? {
        client(peer, headers).map { Array($0.prefix($0.count == 4 ? 3 : 6)) }
    }

    /// The client of a request: an address of version 4, or the first 64 bits of one of version 6, which are those of
    /// one line. Nil if it is not known.
    ///
    /// The header is read from its end, while the hop is a trusted proxy.
    func client(_ peer: SocketAddress?, _ headers: HTTPFields) -> [UInt8]? {
        guard var client = peer.flatMap({ Self.bytes($0) }) else { return nil }
        if let name = Self.forwardedFor, isTrusted(client) {
            let hops = headers[values: name].flatMap { $0.split(separator: ",") }
            for hop in hops.reversed() {
                guard let address = Self.bytes(of: String(hop.filter { $0 != " " })) else { break }
                client = address
                if !isTrusted(address) { break }
            }
        }
        return Array(client.prefix(8))
    }

    private func isTrusted(_ address: [UInt8]) -> Bool {
        let isLoopback =
            address.count == 4 ? address[0] == 127 : address.dropLast().allSatisfy { $0 == 0 } && address[15] == 1
        return isLoopback || addresses.contains(address)
    }

    /// The bytes of an address: 4, or 16; an address of version 4 in one of version 6 has 4.
    private static func bytes(_ address: SocketAddress) -> [UInt8]? {
        switch address {
        case .v4(let address): withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
        case .v6(let address): unmapped(withUnsafeBytes(of: address.address.sin6_addr) { Array($0) })
        default: nil
        }
    }

    private static func bytes(of text: String) -> [UInt8]? {
        var short = in_addr()
        if inet_pton(AF_INET, text, &short) == 1 { return withUnsafeBytes(of: short) { Array($0) } }
        var long = in6_addr()
        guard inet_pton(AF_INET6, text, &long) == 1 else { return nil }
        return unmapped(withUnsafeBytes(of: long) { Array($0) })
    }

    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        let isMapped = address.prefix(10).allSatisfy { $0 == 0 } && address[10] == 255 && address[11] == 255
        return isMapped ? Array(address[12...]) : address
    }
}
