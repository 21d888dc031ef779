/// One catalog in the list of a service.
package struct CatalogSummary: Sendable, Equatable {
    /// The states of a catalog, by their names in the API.
    package enum State: String, Sendable {
        /// It can be searched.
        case ready
        /// It can be searched, but acknowledged changes that a crash left in the log are not back yet.
        case recovering
        /// An older commit is searched, because the newest one cannot be opened.
        case outdated
        /// It cannot be opened.
        case unreadable
    }

    /// The catalog's name.
    package var name: String
    /// The number of documents; nil if it is unknown.
    package var documents: Int?
    /// The state.
    package var state = State.ready
    /// The reason of another state than `ready`, as a sentence without paths of the server.
    package var problem: String?
}

extension CatalogSummary: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("documents", ifPresent: documents)
            json.member("name", name)
            json.member("problem", ifPresent: problem)
            json.member("state", state.rawValue)
        }
    }
}

extension CatalogError {
    /// The reason, as a client may see it, why a catalog cannot be opened.
    var unreadableReason: String {
        switch self {
        case .index(.analyzer), .index(.format):
            "the catalog was built by another version of Quire or of ICU; rebuild it with `quire index`"
        case .tuning: "the newest tuning revision cannot be read; restore another one; the server's log has the reason"
        case .profile: "the search profile is not valid; the server's log has the reason"
        default: "the catalog cannot be opened; the server's log has the reason; run `quire check`"
        }
    }

    /// True if a catalog that cannot be opened may be opened later without repair.
    var isTemporary: Bool {
        switch self {
        case .index(.storage(.failed)), .storage(.failed): true
        default: false
        }
    }
}
