package import Segments

extension LiveIndex {
    /// Returns the differences between the two generations of an index that is changed meanwhile: what differs is
    /// looked at again, as a change may have reached one view and not the other. Blocks.
    ///
    /// Errors: `request` if there is no other generation, those of the disk, `corrupt`. Complexity: O(bytes of the
    /// rows).
    package func differences() throws(IndexError) -> DocumentDifferences {
        var result = DocumentDifferences()
        let (current, standby) = try views()
        var suspects: [String] = []
        func note(_ kind: DocumentDifferences.Kind, _ key: String) {
            if suspects.count < Self.maxSuspects { suspects.append(key) } else { result.add(kind, key) }
        }
        let comparison = DocumentComparison(with: current.members, in: standby)
        try DocumentScan(current).forEach { document, version throws(IndexError) in
            result.compared += 1
            if let kind = try comparison.difference(document, version: version) {
                note(kind, String(decoding: try current.members.key(of: document), as: UTF8.self))
            }
        }
        try DocumentScan(standby).forEach { document, _ throws(IndexError) in
            let key = String(decoding: try standby.members.key(of: document), as: UTF8.self)
            if try current.find(key: key) == nil { note(.extra, key) }
        }
        for _ in 0..<Self.rounds where !suspects.isEmpty {
            let (current, standby) = try views()
            var remaining: [String] = []
            let comparison = DocumentComparison(with: current.members, in: standby)
            for key in suspects where try Self.difference(key, current, standby, comparison) != nil {
                remaining.append(key)
            }
            suspects = remaining
        }
        if suspects.isEmpty { return result }
        let last = try views()
        let lastComparison = DocumentComparison(with: last.current.members, in: last.standby)
        for key in suspects {
            if let kind = try Self.difference(key, last.current, last.standby, lastComparison) { result.add(kind, key) }
        }
        return result
    }

    /// The number of times that what differs is looked at again.
    private static let rounds = 5
    /// The number of differences up to which they are looked at again: more are not changes under way.
    private static let maxSuspects = 100_000

    /// Returns how a document of the standby generation differs from that of the current one; nil if it does not.
    private static func difference(
        _ key: String, _ current: IndexReader, _ standby: IndexReader, _ comparison: DocumentComparison
    ) throws(IndexError) -> DocumentDifferences.Kind? {
        guard let number = try current.find(key: key) else {
            return try standby.find(key: key) == nil ? nil : .extra
        }
        var document = DocumentBuffer()
        try current.document(number, into: &document)
        return try comparison.difference(document, version: try current.version(number))
    }

    /// Returns the newest views of both generations. Blocks until the standby has followed.
    ///
    /// Errors: `request` if there is no standby generation, `stopped`, those of the disk.
    private func views() throws(IndexError) -> (current: IndexReader, standby: IndexReader) {
        guard let standby else { throw .request(problem: "the index has no other generation") }
        try refresh()
        let current = view
        return (current, try standby.view())
    }
}
