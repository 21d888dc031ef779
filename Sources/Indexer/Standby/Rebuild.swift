package import Segments

/// The plan of a rebuild: of a standby generation that is filled to replace the current one.
package struct Rebuild: Sendable, Equatable {
    /// The source of its documents.
    package enum Origin: String, Sendable { case rows, documents }

    /// The schema of its documents.
    package var schema: Schema
    /// The payload of its commits, such as a search profile.
    package var payload: [String: String]
    /// The rows of the current generation, or documents that are written to it.
    package var source: Origin

    /// A number of a generation that is not used again, nor one below it.
    package var lastGeneration = 0

    package init(schema: Schema, payload: [String: String], source: Origin) {
        self.schema = schema
        self.payload = payload
        self.source = source
    }
}
