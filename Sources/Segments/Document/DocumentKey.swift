extension Members {
    /// Returns the bytes of a document's key, valid until the document is mutated.
    ///
    /// Errors: `document` when the document has no key, or an empty one. Complexity: O(values).
    package func key(of document: borrowing DocumentBuffer) throws(IndexError) -> UnsafeBufferPointer<UInt8> {
        for i in 0..<document.values.count where document.values[i].member == UInt32(key) {
            let text = document.text(document.values[i])
            if text.count > 0 { return text }
        }
        throw .document(problem: "the key \"\(all[key].name)\" is missing or empty; every document needs one")
    }
}
