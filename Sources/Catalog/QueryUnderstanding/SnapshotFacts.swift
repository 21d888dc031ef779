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
    let languages = Mutex<CatalogLanguages?>(nil)
    /// The popularity with the day that it was found out on, for ages count in days.
    let popularity = Mutex<(day: Int, popularity: Popularity?)?>(nil)
    let homophones = FrequentHomophones()
}
