/// A term of an index that begins with a text.
public struct Completion: Sendable, Equatable {
    /// The term.
    public var term: String
    /// Documents of all segments that have it; those deleted count until their segment is merged.
    public var documentFrequency: Int
    /// The greatest number in the field that weighs, of the documents that have the term; nil when none of them has
    /// one, and where no field weighs.
    public var weight: Double?
}

extension IndexReader {
    /// The terms of a field that begin with a text, at most `limit`: by weight if a number field weighs, then the most
    /// frequent, then by their bytes. Terms of deleted documents alone have no weight.
    ///
    /// Errors: `request` for fields that are not there or not of that kind, `corrupt`. Complexity: O(terms with the
    /// beginning) a segment, with a weight O(postings of these terms).
    public func completions(
        _ field: String, of beginning: String, by weight: String? = nil, limit: Int = 10
    ) throws(IndexError) -> [Completion] {
        let index = try indexedField(field).index
        let number = try weight.map { name throws(IndexError) in try numberField(name) }
        let codec = number.flatMap { NumberCodec(schema.fields[$0]) }
        let prefix = Array(beginning.utf8)
        let memory = BlockMemory()
        // By bytes: Swift holds canonically equivalent texts for equal.
        var found: [[UInt8]: (frequency: Int, key: UInt64?)] = [:]
        for at in segments.indices {
            guard let terms = try segments[at].terms(index) else { continue }
            let numbers = try number.map { field throws(IndexError) in try column(at, .field(field)) }
            var cursor = TermCursor(terms)
            var isThere = prefix.withUnsafeBufferPointer { cursor.seek($0) }
            while isThere, cursor.term.starts(with: prefix) {
                let info = cursor.info
                let key = try numbers.map { column throws(IndexError) in
                    try greatestKey(at, index, info, column, memory)
                }
                let known = found[Array(cursor.term)] ?? (0, nil)
                found[Array(cursor.term)] = (known.frequency + info.documentFrequency, greater(known.key, key ?? nil))
                isThere = cursor.next()
            }
            if cursor.failed {
                throw segments[at].corrupt(.termBlocks, index, 0, "a block of terms cannot be decoded")
            }
        }
        let order = found.sorted { a, b in
            if a.value.key != b.value.key {
                guard let one = a.value.key, let other = b.value.key else { return a.value.key != nil }
                return one > other
            }
            if a.value.frequency != b.value.frequency { return a.value.frequency > b.value.frequency }
            return a.key.lexicographicallyPrecedes(b.key)
        }
        return order.prefix(limit).map { term, value in
            Completion(
                term: String(decoding: term, as: UTF8.self), documentFrequency: value.frequency,
                weight: value.key.flatMap { key in codec?.number(key) })
        }
    }

    private func greater(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
        guard let a, let b else { return a ?? b }
        return max(a, b)
    }

    /// The greatest sort key of the live documents of a term's list.
    private func greatestKey(
        _ at: Int, _ field: Int, _ info: TermInfo, _ column: PatchedColumn, _ memory: BlockMemory
    ) throws(IndexError) -> UInt64? {
        let segment = segments[at]
        let live = live[at]
        var best: UInt64?
        func take(_ document: Int) {
            guard document < segment.documents, live?.contains(document) ?? true else { return }
            best = greater(best, column.key(document))
        }
        if info.documentFrequency == 1 {
            take(Int(info.singleDocument))
            return best
        }
        let list = try segment.postings(field, info)
        var cursor = PostingsCursor(list, memory: memory)
        for block in 0..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            for slot in 0..<cursor.count { take(Int(cursor.documents[slot])) }
        }
        if cursor.failed { throw segment.corrupt(.postings, field, 0, "a list cannot be decoded") }
        return best
    }
}
