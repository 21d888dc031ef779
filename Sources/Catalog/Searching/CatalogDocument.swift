package import Segments

/// A stored document with its key and version, encoded as JSON.
package struct CatalogDocument: Encodable, Sendable, Equatable {
    /// The document key.
    package var id: String
    /// The external version of its last change; nil if the change had none.
    package var version: Int?
    /// The stored members.
    package var document: StoredDocument
}
