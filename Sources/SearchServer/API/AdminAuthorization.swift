import Catalog
import Hummingbird

/// Authorizes changes by an admin key in the header `Authorization: Bearer quire_admin_…`.
struct AdminAuthorization: Sendable {
    /// The keys that are admitted; nil for a listener that only the owner of the data folder can reach, whose requests
    /// need none.
    let keys: AdminKeys?

    /// The name of who sends a request to such a listener.
    private static let localName = "command line"

    /// Checks the key of a request, and returns its name.
    ///
    /// Errors: `admin_key_required` (status 401) if the request has no key or a wrong one, `admin_keys_unreadable` if
    /// the file of keys cannot be read.
    @discardableResult
    func check(_ request: Request) throws(Problem) -> String {
        guard let keys else { return Self.localName }
        let header = request.headers[.authorization] ?? ""
        let parts = header.split(separator: " ", maxSplits: 1)
        let isBearer = parts.count == 2 && parts[0].lowercased() == "bearer"
        let hasNone: Bool
        do throws(CatalogError) {
            if isBearer, let name = try keys.name(of: String(parts[1])) { return name }
            hasNone = try keys.entries().isEmpty
        } catch {
            throw Problem(keys: error)
        }
        throw Problem(
            .unauthorized, "admin_key_required",
            header.isEmpty ? "changes require an admin key" : "the key is not an admin key of this server",
            hint: hasNone
                ? "create a key with `quire keys add NAME`, and send it as `Authorization: Bearer KEY`"
                : "send a key as `Authorization: Bearer KEY`; `quire keys list` lists their names")
    }
}
