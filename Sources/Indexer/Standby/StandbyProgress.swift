package import Segments

/// The state of a standby generation.
package struct StandbyProgress: Sendable, Equatable {
    /// The number of the generation.
    package var generation: Int
    /// True if it has everything that the current generation has, up to `followed`.
    package var isFilled = false
    /// The source that it is still filled from; nil when it is filled.
    package var pending: Rebuild.Origin?
    /// True if it was filled from documents and opened again before it was complete: some of them may be lost, so that
    /// it has to be begun again.
    package var isInterrupted = false
    /// The number of live documents.
    package var documents = 0
    /// The number of rows of the current generation that were read, and of those to read; nil when it is filled
    /// from a source.
    package var rows: (read: Int, all: Int)?
    /// The number of the last change of the log that it followed.
    package var followed = 0
    /// The number of documents and patches that its schema refuses.
    package var refused = 0
    /// The first of them, with the reason; nil for none.
    package var refusal: String?
    /// The error that ended its thread; nil for none.
    package var failure: IndexError?

    package static func == (a: StandbyProgress, b: StandbyProgress) -> Bool {
        a.generation == b.generation && a.isFilled == b.isFilled && a.pending == b.pending
            && a.isInterrupted == b.isInterrupted && a.documents == b.documents
            && a.rows?.read == b.rows?.read && a.rows?.all == b.rows?.all && a.followed == b.followed
            && a.refused == b.refused && a.refusal == b.refusal && a.failure == b.failure
    }
}
