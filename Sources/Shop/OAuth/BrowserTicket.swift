import Crypto
import FoundationEssentials

/// A value that a browser keeps for the shop in a cookie: signed, for one purpose, for ten minutes. Who uses it up
/// records the hash of its text.
protocol BrowserTicket: Codable, Sendable {
    /// The purpose, which is the name of the cookie, or its beginning, as well.
    static var purpose: String { get }
}

private struct SealedTicket<Ticket: BrowserTicket>: Codable {
    var ticket: Ticket
    var expires: Milliseconds
    /// Makes the texts of equal tickets different.
    var number = randomToken()
}

extension CurrentKeys {
    /// The time for which tickets are valid.
    static let ticketLifetime: Milliseconds = 600_000

    /// Returns a ticket as text.
    func seal<Ticket: BrowserTicket>(_ ticket: Ticket, now: Milliseconds) throws -> String {
        let sealed = SealedTicket(ticket: ticket, expires: now + Self.ticketLifetime)
        let body = base64URL(try JSONEncoder().encode(sealed))
        let key = KeyRing.derived(ring.current, for: Ticket.purpose)
        return body + "." + base64URL(HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: key))
    }

    /// Returns the ticket of a text; nil for one that the shop did not sign for this purpose, or that has expired.
    func open<Ticket: BrowserTicket>(_ text: String?, as type: Ticket.Type, now: Milliseconds) -> Ticket? {
        let parts = (text ?? "").prefix(4096).split(separator: ".")
        guard parts.count == 2, let code = Self.bytes(parts[1]), let body = Self.bytes(parts[0]) else { return nil }
        let signer = first { ring in
            ring.keys.first { key in
                HMAC<SHA256>.isValidAuthenticationCode(
                    code, authenticating: Data(parts[0].utf8), using: KeyRing.derived(key, for: type.purpose))
            }
        }
        guard signer != nil, let sealed = try? JSONDecoder().decode(SealedTicket<Ticket>.self, from: body) else {
            return nil
        }
        return sealed.expires > now ? sealed.ticket : nil
    }

    /// Returns the bytes of a text in the alphabet of base64url.
    private static func bytes(_ text: Substring) -> Data? {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }
}
