/// The values of a number column that were patched after its segment was written, by document: immutable.
package struct ColumnPatch: Sendable, Equatable {
    /// The documents with another value than in the segment, ascending.
    package private(set) var documents: [UInt32] = []
    /// The sort keys of these documents, aligned with `documents`; nil for a value that was removed.
    package private(set) var keys: [UInt64?] = []

    /// Creates a patch without values.
    package init() {}

    /// Creates a patch of documents in ascending order, with their sort keys.
    package init(documents: [UInt32], keys: [UInt64?]) {
        self.documents = documents
        self.keys = keys
    }

    /// The number of patched values.
    package var count: Int { documents.count }

    /// Returns the patched value of a document: nil when it was not patched, `.some(nil)` when the value was removed.
    ///
    /// Complexity: O(log count).
    func value(_ document: Int) -> UInt64?? {
        let index = place(of: document)
        return index < documents.count && documents[index] == UInt32(document) ? .some(keys[index]) : nil
    }

    /// Returns the index of the first patched document that is `document` or a later one; `count` when there is none.
    ///
    /// Complexity: O(log count).
    package func place(of document: Int) -> Int {
        var low = 0
        var high = documents.count
        while low < high {
            let middle = (low &+ high) &>> 1
            if documents[middle] < UInt32(document) { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Returns this patch with `recent` values laid over it. Complexity: O(count + recent log recent).
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
