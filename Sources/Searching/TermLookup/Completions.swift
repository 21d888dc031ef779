package import Segments

/// A term of an index with a given prefix.
package struct Completion: Sendable, Equatable {
    /// The term.
    package var term: String
    /// The number of documents of all segments that have the term; deleted ones count until their segment is merged.
    package var documentFrequency: Int
    /// The maximum value of the weight field among the live documents that have the term; nil if none of them has a
    /// value or no weight field was given.
    package var weight: Double?
}

extension IndexReader {
    /// Returns the terms of a field that begin with `prefix`, at most `limit`: ordered by descending weight if a number
    /// field `weight` is given (terms without one last), then by descending frequency, then by their bytes.
    ///
    /// Terms of deleted documents are included until their segment is merged; if only deleted documents have a term, it
    /// has no weight.
    ///
    /// ```swift
    /// // Titles that begin with "har", the best-selling first.
    /// let completions = try reader.completions("title", of: "har", by: "sales", limit: 5)
    /// ```
    ///
    /// When the time of `limits` is over, the result has the best of the terms that were read by then. Errors:
    /// `request` for fields that do not exist or are not of the required kind, `corrupt`. Complexity: O(terms with the
    /// prefix) per segment, with a weight O(postings of these terms). Memory: O(limit).
    package func completions(
        _ field: String, of prefix: String, by weight: String? = nil, limit: Int = 10,
        limits: SearchLimits = SearchLimits()
    ) throws(IndexError) -> [Completion] {
        try completions(field, of: prefix, by: weight, limit: limit, SearchBudget(limits))
    }

    /// Returns the completions within the budget of a search, which checks the time once per 256 terms, or per term
    /// with a weight.
    func completions(
        _ field: String, of prefix: String, by weight: String? = nil, limit: Int, _ budget: SearchBudget
    ) throws(IndexError) -> [Completion] {
        let index = try indexedField(field).index
        let weightField = try weight.map { name throws(IndexError) in try numberField(name) }
        let codec = weightField.flatMap { NumberCodec(schema.fields[$0]) }
        var columns: [PatchedColumn] = []
        if let weightField {
            for segmentIndex in segments.indices { columns.append(try column(segmentIndex, .field(weightField))) }
        }
        if limit <= 0 { return [] }
        let memory = BlockMemory()
        let prefix = Array(prefix.utf8)
        var sources: [SegmentTerms] = []
        for (segmentIndex, segment) in segments.enumerated() {
            guard let terms = try segment.terms(index) else { continue }
            sources.append(SegmentTerms(segmentIndex, segment, index, terms, prefix: prefix))
        }
        var best = BoundedHeap<RankedTerm>(limit: limit)
        var merge = try TermMerge(sources)
        var count = 0
        while weightField == nil && count & 255 != 0 || !budget.isLate(), try merge.next() {
            count += 1
            var candidate = RankedTerm(frequency: 0)
            for match in merge.matches {
                let source = merge.source(match)
                candidate.frequency += source.info.documentFrequency
                if weightField == nil { continue }
                let column = columns[source.segmentIndex]
                let key = try maxKey(source.segmentIndex, index, source.info, column, memory)
                candidate.key = greater(candidate.key, key)
            }
            // Terms ascend, so of equal ones those that were kept come first.
            if let worst = best.worst, !candidate.isBetter(than: worst) { continue }
            candidate.term = Array(merge.term)
            best.offer(candidate)
        }
        return best.sorted.map { completion in
            Completion(
                term: String(decoding: completion.term, as: UTF8.self), documentFrequency: completion.frequency,
                weight: completion.key.flatMap { key in codec?.number(key) })
        }
    }

    /// The greater of two keys; nil only if both are.
    private func greater(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
        guard let a, let b else { return a ?? b }
        return max(a, b)
    }

    /// The maximum sort key of the live documents in a term's postings list; nil when none has one.
    ///
    /// Errors: `corrupt`. Complexity: O(postings).
    private func maxKey(
        _ segmentIndex: Int, _ field: Int, _ info: TermInfo, _ column: PatchedColumn, _ memory: BlockMemory
    ) throws(IndexError) -> UInt64? {
        let segment = segments[segmentIndex]
        let live = live[segmentIndex]
        var best: UInt64?
        func collect(_ document: Int) {
            guard document < segment.documents, live?.contains(document) ?? true else { return }
            best = greater(best, column.key(document))
        }
        if info.documentFrequency == 1 {
            collect(Int(info.singleDocument))
            return best
        }
        let list = try segment.postings(field, info)
        var cursor = PostingsCursor(list, memory: memory)
        for block in 0..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            for slot in 0..<cursor.count { collect(Int(cursor.documents[slot])) }
        }
        if cursor.failed { throw segment.corrupt(.postings, field) }
        return best
    }
}

/// A candidate completion, ordered for a `BoundedHeap`: the greater one comes earlier in the result.
private struct RankedTerm: Comparable {
    var term: [UInt8] = []
    /// The sort key of the weight; nil for none.
    var key: UInt64?
    /// The document frequency over all segments.
    var frequency: Int

    /// Returns true if the term comes before another one by weight and frequency alone.
    func isBetter(than other: RankedTerm) -> Bool {
        if key != other.key {
            guard let key, let otherKey = other.key else { return key != nil }
            return key > otherKey
        }
        return frequency > other.frequency
    }

    static func < (a: RankedTerm, b: RankedTerm) -> Bool {
        if b.isBetter(than: a) { return true }
        return !a.isBetter(than: b) && b.term.lexicographicallyPrecedes(a.term)
    }
}
