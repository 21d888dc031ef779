package import Segments

/// A stored document with its key and version.
package struct CatalogDocument: Sendable, Equatable {
    /// The document key.
    package var id: String
    /// The external version of its last change; nil if the change had none.
    package var version: Int?
    /// The stored members.
    package var document: StoredDocument
}

extension CatalogDocument: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("document", document)
            json.member("id", id)
            json.member("version", ifPresent: version)
        }
    }
}
