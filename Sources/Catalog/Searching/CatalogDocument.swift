public import Indexer

/// A document as it was given, as JSON has it.
public struct CatalogDocument: Encodable, Sendable, Equatable {
    /// Its key.
    public var id: String
    /// The version its last change came with; nil for none.
    public var version: Int?
    /// Its members.
    public var document: StoredDocument
}
