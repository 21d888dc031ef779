/// Where the documents of a merge's source go: in their order, without those that were deleted.
struct DocumentMap: Sendable {
    /// Documents that are left.
    let count: Int
    private let documents: Int
    private let base: UInt32
    /// Where each goes, `UInt32.max` for a deleted one; nil when none was deleted.
    private let places: [UInt32]?

    init(documents: Int, deleted: DocumentSet, base: Int) {
        self.documents = documents
        self.base = UInt32(base)
        count = documents - deleted.count
        guard deleted.count > 0 else {
            places = nil
            return
        }
        var next = UInt32(base)
        places = (0..<documents).map { document in
            if deleted.contains(document) { return .max }
            defer { next += 1 }
            return next
        }
    }

    /// Whether all documents stay and keep their numbers.
    var keepsNumbers: Bool { base == 0 && places == nil }

    /// Where a document goes; nil when it was deleted.
    @inline(__always)
    func place(_ document: UInt32) -> UInt32? {
        guard let places else { return document &+ base }
        let place = places[Int(document)]
        return place == .max ? nil : place
    }

    /// Calls `body` with each document that is left, in order.
    @inline(__always)
    func forEach(_ body: (Int) -> Void) {
        for document in 0..<documents where places == nil || place(UInt32(document)) != nil { body(document) }
    }
}
