/// Values of a number column that were changed after its segment was written, by document: immutable.
struct ColumnPatch: Sendable, Equatable {
    /// Which documents have another value than the segment says.
    private(set) var documents: [UInt32] = []
    /// Their sort keys; nil for a value that was taken away.
    private(set) var keys: [UInt64?] = []

    init() {}

    /// Documents in ascending order, each with its value.
    init(documents: [UInt32], keys: [UInt64?]) {
        self.documents = documents
        self.keys = keys
    }

    var count: Int { documents.count }

    /// The changed value of a document: nil when it was not changed, `.some(nil)` when it was taken away.
    ///
    /// Complexity: O(log count).
    func value(_ document: Int) -> UInt64?? {
        let at = place(of: document)
        return at < documents.count && documents[at] == UInt32(document) ? .some(keys[at]) : nil
    }

    /// The place of the first changed document that is not before some document. Complexity: O(log count).
    func place(of document: Int) -> Int {
        var low = 0
        var high = documents.count
        while low < high {
            let middle = (low &+ high) &>> 1
            if documents[middle] < UInt32(document) { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// This patch with others laid over it. Complexity: O(count + recent log recent).
    func merged(with recent: [UInt32: UInt64?]) -> ColumnPatch {
        let newer = recent.sorted { $0.key < $1.key }
        var merged = ColumnPatch()
        merged.documents.reserveCapacity(count + newer.count)
        merged.keys.reserveCapacity(count + newer.count)
        var old = 0
        for (document, key) in newer {
            while old < count, documents[old] < document {
                merged.documents.append(documents[old])
                merged.keys.append(keys[old])
                old += 1
            }
            if old < count, documents[old] == document { old += 1 }
            merged.documents.append(document)
            merged.keys.append(key)
        }
        merged.documents += documents[old...]
        merged.keys += keys[old...]
        return merged
    }
}
