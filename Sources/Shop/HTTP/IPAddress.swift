import Glibc

/// An IP address of either version.
struct IPAddress: Hashable, Sendable {
    /// The bytes of the address, those of version 4 as `::ffff:a.b.c.d`.
    let bytes: [UInt8]

    /// Parses an address in digits; a zone and a port are no part of it. Nil if the text is no address.
    init?(_ text: some StringProtocol) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, String(text), &bytes) == 1 {
            self.bytes = [UInt8](repeating: 0, count: 10) + [255, 255] + bytes.prefix(4)
        } else if inet_pton(AF_INET6, String(text), &bytes) == 1 {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    /// True for an address of version 4.
    var isVersion4: Bool { bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255 }

    /// The address in digits.
    var text: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let bytes = isVersion4 ? Array(bytes.suffix(4)) : bytes
        inet_ntop(isVersion4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The part of the address that identifies a client: all of version 4, the first 64 bits of version 6, because a
    /// household has as many addresses as it wants.
    var clientKey: String {
        if isVersion4 { return bytes.suffix(4).map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 8, by: 2).map { index in
            String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
        }.joined(separator: ":") + "::/64"
    }

    var isLoopback: Bool { isVersion4 ? bytes[12] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1] }
}

/// A network of addresses, such as `10.0.0.0/8`.
struct IPNetwork: Hashable, Sendable {
    private let address: IPAddress
    private let prefix: Int

    /// Parses a network, or a single address. Nil if the text is neither.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let length = address.isVersion4 ? 32 : 128
        var prefix = length
        if parts.count == 2 {
            guard let bits = Int(parts[1]), (0...length).contains(bits) else { return nil }
            prefix = bits
        }
        self.address = address
        self.prefix = address.isVersion4 ? prefix + 96 : prefix
    }

    /// True if the network has the address.
    func contains(_ other: IPAddress) -> Bool {
        let whole = prefix / 8
        guard address.bytes.prefix(whole) == other.bytes.prefix(whole) else { return false }
        let rest = prefix % 8
        return rest == 0 || (address.bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0
    }
}

/// The rule by which a client's address is found behind proxies.
///
/// The header `X-Forwarded-For` is read from its end while the hop is a trusted proxy: the first that is not is the
/// client. A header of a peer that is not trusted is not read at all.
struct ClientAddressRule: Sendable {
    let trusted: [IPNetwork]

    /// Returns the address of the client of a request that came from `peer`.
    func client(peer: IPAddress, forwardedFor: String?) -> IPAddress {
        guard let forwardedFor, isTrusted(peer) else { return peer }
        var client = peer
        for hop in forwardedFor.split(separator: ",", omittingEmptySubsequences: false).reversed() {
            guard let address = IPAddress(Self.trimmed(hop)) else { return client }
            client = address
            if !isTrusted(address) { return address }
        }
        return client
    }

    private func isTrusted(_ address: IPAddress) -> Bool { trusted.contains { $0.contains(address) } }

    private static func trimmed(_ hop: Substring) -> Substring {
        let start = hop.drop { $0 == " " }
        return start.prefix { $0 != " " }
    }
}
