import Glibc
import Searching
import Segments
import Synchronization

/// The languages of a catalog's documents.
struct CatalogLanguages: Sendable {
    /// The name of the keyword field that has their codes.
    let field: String
    /// The codes; empty if the catalog has no such field.
    let codes: [String]

    /// The maximum number of codes.
    private static let maxCodes = 100

    /// The languages of a snapshot. Errors: `corrupt`.
    init(_ reader: IndexReader) throws(IndexError) {
        let fields = reader.schema.fields.filter { $0.type == .keyword && MemberRole($0.from) == .language }
        field = fields.first?.name ?? ""
        codes = fields.isEmpty ? [] : try reader.completions(field, of: "", limit: Self.maxCodes).map(\.term)
    }
}

/// The facts about a snapshot that every query is interpreted by. Each is found out by the first request that asks.
final class SnapshotFacts: Sendable {
    fileprivate let languages = Mutex<CatalogLanguages?>(nil)
    /// The popularity with the day that it was found out on, for ages count in days.
    fileprivate let popularity = Mutex<(day: Int, popularity: Popularity?)?>(nil)
}

extension QueryContext {
    /// Returns the languages of the catalog's documents. Errors: `corrupt`.
    func languages() throws(IndexError) -> CatalogLanguages {
        if let known = facts.languages.withLock({ $0 }) { return known }
        let languages = try CatalogLanguages(reader)
        facts.languages.withLock { $0 = languages }
        return languages
    }

    /// Returns the popularity of the catalog's documents by the signals of its profile; nil if it has none. Errors:
    /// `corrupt`.
    func popularity() throws(IndexError) -> Popularity? {
        let day = time(nil) / 86_400
        if let known = facts.popularity.withLock({ $0 }), known.day == day { return known.popularity }
        let popularity = try popularity(onDay: day)
        facts.popularity.withLock { $0 = (day, popularity) }
        return popularity
    }
}
