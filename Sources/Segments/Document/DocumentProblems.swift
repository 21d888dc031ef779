extension Members {
    /// Refuses a document with too many values, or with one that the schema refuses; its key is checked by `key(of:)`.
    ///
    /// Errors: `document`. Complexity: as of `problem(of:)`.
    package func check(_ document: borrowing DocumentBuffer) throws(IndexError) {
        guard document.values.count <= DocumentBuffer.maxValues else {
            throw .document(
                problem: "it has \(document.values.count) values; a document may have \(DocumentBuffer.maxValues)")
        }
        if let problem = problem(of: document) { throw .document(problem: problem) }
    }

    /// Returns a description of the first value that the schema refuses, that belongs to no member, or that is of
    /// another kind than its member; nil when there is none.
    ///
    /// Complexity: O(values), and O(bytes) for dates.
    package func problem(of document: borrowing DocumentBuffer) -> String? {
        for i in 0..<document.values.count {
            let value = document.values[i]
            let member = Int(value.member)
            guard member < all.count else {
                let number = Int32(bitPattern: value.member)
                return "a value belongs to the member \(number), which the schema does not have; "
                    + "`Members.number(of:)` returns the number of a member"
            }
            guard value.kind == all[member].kind else {
                return "\"\(all[member].name)\" expects \(all[member].kind.displayName), found "
                    + value.kind.displayName
            }
            let problem =
                value.kind == .text ? problem(member, document.text(value)) : problem(member, bits: value.number)
            if let problem { return problem }
        }
        return nil
    }
}
