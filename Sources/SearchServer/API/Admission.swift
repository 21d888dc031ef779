import Catalog
import Hummingbird

/// Lets those change catalogs who have an admin key: `Authorization: Bearer quire_admin_…`.
struct Admission: Sendable {
    let keys: AdminKeys

    /// Errors: a problem when the request has no key, or a wrong one.
    func check(_ request: Request) throws {
        let header = request.headers[.authorization] ?? ""
        let parts = header.split(separator: " ", maxSplits: 1)
        let isBearer = parts.count == 2 && parts[0].lowercased() == "bearer"
        if isBearer, try keys.admits(String(parts[1])) { return }
        let hasNone = try keys.entries().isEmpty
        throw Problem(
            .unauthorized, "admin_key_required",
            header.isEmpty ? "changes need an admin key" : "this is no admin key of this server",
            hint: hasNone
                ? "make one with `quire keys add NAME`, and send it as `Authorization: Bearer KEY`"
                : "send one as `Authorization: Bearer KEY`; `quire keys list` names those there are")
    }
}
