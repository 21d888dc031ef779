import Segments

/// The mapping from the documents of a merge's source to those of the merged segment: in order, without deleted ones.
struct DocumentMap: Sendable {
    /// The number of documents that are not deleted.
    let count: Int
    /// The number of documents of the source, and the number in the merged segment of its first live document.
    private let documents: Int
    private let base: UInt32
    /// The new number of each document, `UInt32.max` for a deleted one; nil when none was deleted.
    private let targets: [UInt32]?

    /// Creates the mapping of a source. Complexity: O(documents) with deletions, else O(1).
    init(documents: Int, deleted: DocumentSet, base: Int) {
        self.documents = documents
        self.base = UInt32(base)
        count = documents - deleted.count
        guard deleted.count > 0 else {
            targets = nil
            return
        }
        var next = UInt32(base)
        targets = (0..<documents).map { document in
            if deleted.contains(document) { return .max }
            defer { next += 1 }
            return next
        }
    }

    /// True if no document is deleted and all keep their numbers.
    var keepsNumbers: Bool { base == 0 && targets == nil }

    /// Returns the new number of a document; nil when it was deleted.
    @inline(__always)
    func target(_ document: UInt32) -> UInt32? {
        guard let targets else { return document &+ base }
        let target = targets[Int(document)]
        return target == .max ? nil : target
    }

    /// Calls `body` with each document that is not deleted, in order.
    @inline(__always)
    func forEach(_ body: (Int) -> Void) {
        for document in 0..<documents where targets == nil || target(UInt32(document)) != nil { body(document) }
    }
}
