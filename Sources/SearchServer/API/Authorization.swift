import Catalog
import FoundationEssentials
import Hummingbird

/// Authorizes requests by a key in the header `Authorization: Bearer quire_…`.
struct Authorization: Sendable {
    /// The keys that are admitted; nil for a listener that only the owner of the data folder can reach, whose requests
    /// need none.
    let keys: AccessKeys?
    /// True if searches and the documents that they find need no key.
    var opensReading = true

    /// The name of who sends a request to such a listener.
    private static let localName = "command line"

    /// Checks that the key of a request has a role, and returns its name.
    ///
    /// Errors: `key_required` (status 401) if the request has no key, an unknown one or one whose time is over,
    /// `key_not_sufficient` (403) if its key has another role, `keys_unreadable` if the file of keys cannot be read.
    @discardableResult
    func check(_ request: Request, _ role: AccessRole) throws(Problem) -> String {
        guard let keys else { return Self.localName }
        return try access(request, role, keys).name
    }

    /// Checks that a request may search some catalog. Errors: as for `check`.
    func checkReading(_ request: Request) throws(Problem) { _ = try readScope(request) }

    /// Checks that a request may search a catalog and read its documents, and returns which of them its key shows.
    ///
    /// Errors: as for `check`; `outside_scope` (403) for a catalog that the key does not show, `bad_scope` (403) for a
    /// filter that is not valid.
    func scope(_ request: Request, _ catalog: String) throws(Problem) -> ReadScope {
        guard let scope = try readScope(request) else { return ReadScope() }
        guard scope.includes(catalog) else {
            throw Problem(
                .forbidden, "outside_scope", "the key does not show the catalog \"\(catalog.prefix(100))\"",
                param: "catalog", hint: "use a key for this catalog")
        }
        do {
            return ReadScope(filter: try scope.parsedFilter(), text: scope.filter)
        } catch {
            throw Problem(
                .forbidden, "bad_scope", "the filter of the key is not valid: \(error.detail)",
                hint: "derive another key; its filter has the syntax of the parameter filter")
        }
    }

    /// Checks that a request may read what no scope can be applied to.
    ///
    /// Errors: as for `check`; `outside_scope` (403) for a key with a scope.
    func checkReadingAll(_ request: Request, _ what: String) throws(Problem) {
        guard try readScope(request) == nil else {
            throw Problem(
                .forbidden, "outside_scope", "\(what) cannot be limited to what the key shows",
                hint: "use a key without a scope")
        }
    }

    /// The scope of the key of a request that reads; nil if it may read everything. Errors: as for `check`.
    private func readScope(_ request: Request) throws(Problem) -> AccessScope? {
        guard let keys, !opensReading || Self.hasScopedKey(request) else { return nil }
        return try access(request, .search, keys).scope
    }

    private static func hasScopedKey(_ request: Request) -> Bool {
        key(of: request)?.hasPrefix(ScopedKey.prefix) ?? false
    }

    /// The key of a request; nil if it has none.
    static func key(of request: Request) -> String? {
        guard let header = request.headers[.authorization] else { return nil }
        if header.hasPrefix("Bearer ") { return String(header.dropFirst("Bearer ".count)) }
        let parts = header.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    }

    /// The requests that the key of one permits. Errors: as for `check`.
    private func access(
        _ request: Request, _ role: AccessRole, _ keys: AccessKeys
    ) throws(Problem) -> AccessKeys.Access {
        let found: AccessKeys.Access?
        let hasNone: Bool
        do throws(CatalogError) {
            if let key = Self.key(of: request) { found = try keys.access(of: key) } else { found = nil }
            hasNone = found == nil ? try keys.entries().isEmpty : false
        } catch {
            throw Problem(keys: error)
        }
        guard let found else {
            throw Problem(
                .unauthorized, "key_required",
                request.headers[.authorization] == nil
                    ? "this requires a key" : "the key is not one of this server",
                hint: hasNone
                    ? "create a key with `quire keys add NAME --role \(role.rawValue)`, and send it as"
                        + " `Authorization: Bearer KEY`"
                    : "send a key as `Authorization: Bearer KEY`; `quire keys list` lists their names")
        }
        if let end = found.expires, Date().timeIntervalSince1970 >= Double(end) {
            throw Problem(.unauthorized, "key_required", "the time of the key is over", hint: "derive another key")
        }
        guard found.role.permits(role) else {
            throw Problem(
                .forbidden, "key_not_sufficient",
                "the key \"\(found.name)\" has the role \(found.role.rawValue), and this requires \(role.rawValue)",
                hint: "send another key; `quire keys add NAME --role \(role.rawValue)` creates one")
        }
        return found
    }
}

/// The documents of a catalog that a request may see.
struct ReadScope: Sendable {
    /// The filter that they match; nil for all documents.
    var filter: Filter?
    /// The filter as it was written.
    var text: String?

    /// The parameters by which the reply to a request differs from that to another scope. No request has the name.
    var parameters: [(name: String, value: String)] { text.map { [("\u{1}scope", $0)] } ?? [] }

    /// Returns a search of these documents.
    ///
    /// Errors: `outside_scope` (403) for one that explains its scores, which depend on other documents.
    func limiting(_ search: SearchRequest) throws(Problem) -> SearchRequest {
        guard let filter else { return search }
        guard !search.explain else {
            throw Problem(
                .forbidden, "outside_scope", "an explanation cannot be limited to the documents that the key shows",
                param: "explain", hint: "use a key without a scope")
        }
        var search = search
        search.scope = filter
        return search
    }

    /// Returns a request for suggestions of these documents.
    func limiting(_ suggest: SuggestRequest) -> SuggestRequest {
        guard let filter else { return suggest }
        var suggest = suggest
        suggest.filter = suggest.filter.map { .all([$0, filter]) } ?? filter
        return suggest
    }
}
