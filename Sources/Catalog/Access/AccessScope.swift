import Crypto
import FoundationEssentials

/// The part of a server's documents that a key shows: those of some catalogs that match a filter.
package struct AccessScope: Sendable, Equatable {
    /// The catalogs; nil for all.
    package var catalogs: [String]?
    /// The filter in the syntax of requests; nil for all documents.
    package var filter: String?

    /// Creates a scope.
    package init(catalogs: [String]? = nil, filter: String? = nil) {
        self.catalogs = catalogs
        self.filter = filter
    }

    /// Returns true if documents of a catalog are part of it.
    package func includes(_ catalog: String) -> Bool { catalogs?.contains(catalog) ?? true }

    /// Returns the filter, parsed; nil for all documents. Errors: the problem of a filter that is not valid, or blank,
    /// which was not meant to show everything.
    package func parsedFilter() throws(RequestProblem) -> Filter? {
        guard let filter else { return nil }
        guard let parsed = try FilterParser.parse(filter) else {
            throw RequestProblem("bad_filter", "filter", "the filter is blank", hint: "leave it out to show everything")
        }
        return parsed
    }
}

/// A key that the holder of another one derives from it, without asking the server: it permits searches within a scope,
/// until some time, and as long as the server has the other key.
///
/// Its text is `quire_scoped_`, a JSON object in Base64 for URLs, a period, and the HMAC-SHA256 of that object's bytes
/// in Base64 for URLs. The secret of the HMAC is the SHA-256 of the other key in hexadecimal digits.
///
/// ```swift
/// let scope = AccessScope(catalogs: ["books"], filter: "language:=zh")
/// let key = ScopedKey(scope, of: "storefront", expires: now + 3600).text(signedBy: searchKey)
/// ```
package struct ScopedKey: Sendable, Equatable, Codable {
    /// The name of the key that it is derived from.
    package var key: String
    /// The catalogs; nil for all.
    package var catalogs: [String]?
    /// The filter; nil for all documents.
    package var filter: String?
    /// The time from which on it permits nothing, in seconds since 1970; nil for never.
    package var expires: Int?

    /// The beginning of all scoped keys.
    package static let prefix = "quire_scoped_"

    /// Creates a key for a scope, derived from the key of a name.
    package init(_ scope: AccessScope, of key: String, expires: Int? = nil) {
        self.key = key
        catalogs = scope.catalogs
        filter = scope.filter
        self.expires = expires
    }

    /// The scope.
    package var scope: AccessScope { AccessScope(catalogs: catalogs, filter: filter) }

    /// Returns the text of the key, signed by the key that it is derived from.
    package func text(signedBy parent: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and numbers always encode.
        let object = (try? encoder.encode(self)) ?? Data()
        let code = HMAC<SHA256>.authenticationCode(for: object, using: Self.secret(KeyDigest.of(parent)))
        return Self.prefix + Self.base64(object) + "." + Self.base64(Data(code))
    }

    /// Reads the text of a key. It returns nil for a text that is no scoped key, and for one that was not signed by a
    /// key whose SHA-256 `hash` returns for its name.
    init?(_ text: String, _ hash: (_ name: String) -> String?) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let object = Self.bytes(parts[0]), let code = Self.bytes(parts[1]),
            let key = try? JSONDecoder().decode(Self.self, from: object), Self.hasKnownMembers(object),
            let hash = hash(key.key),
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: object, using: Self.secret(hash))
        else { return nil }
        self = key
    }

    /// True if an object has no other members than those of a key: one that is misspelled does not open everything.
    private static func hasKnownMembers(_ object: Data) -> Bool {
        let known: Set = ["key", "catalogs", "filter", "expires"]
        return (try? JSONDecoder().decode([String: AnyMember].self, from: object))?.keys.allSatisfy(known.contains)
            ?? false
    }

    /// A member of any type.
    private struct AnyMember: Decodable {
        init(from decoder: any Decoder) {}
    }

    private static func secret(_ hash: String) -> SymmetricKey { SymmetricKey(data: Data(hash.utf8)) }

    private static func base64(_ bytes: Data) -> String {
        String(bytes.base64EncodedString().prefix { $0 != "=" })
            .replacing("+", with: "-").replacing("/", with: "_")
    }

    private static func bytes(_ text: Substring) -> Data? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding)
    }
}
