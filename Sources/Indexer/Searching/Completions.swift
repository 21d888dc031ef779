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
    /// beginning) a segment, with a weight O(postings of these terms). Memory: O(limit).
    public func completions(
        _ field: String, of beginning: String, by weight: String? = nil, limit: Int = 10
    ) throws(IndexError) -> [Completion] {
        let index = try indexedField(field).index
        let number = try weight.map { name throws(IndexError) in try numberField(name) }
        let codec = number.flatMap { NumberCodec(schema.fields[$0]) }
        var columns: [PatchedColumn] = []
        if let number { for at in segments.indices { columns.append(try column(at, .field(number))) } }
        let memory = BlockMemory()
        var best = BestCompletions(limit: max(limit, 0))
        var terms = try MergedTerms(self, index, beginning: Array(beginning.utf8))
        while try terms.step() {
            var frequency = 0
            var key: UInt64?
            for (at, info) in terms.infos {
                frequency += info.documentFrequency
                if number != nil { key = greater(key, try greatestKey(at, index, info, columns[at], memory)) }
            }
            best.offer(terms.term, frequency, key)
        }
        return best.sorted.map { term, frequency, key in
            Completion(
                term: String(decoding: term, as: UTF8.self), documentFrequency: frequency,
                weight: key.flatMap { key in codec?.number(key) })
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

/// Keeps the best completions. They are offered in the order of their bytes.
private struct BestCompletions {
    typealias Entry = (term: [UInt8], frequency: Int, key: UInt64?)

    let limit: Int
    private var entries: [Entry] = []
    /// As many as asked for are at least as good as this one.
    private var worst: Entry?

    init(limit: Int) { self.limit = limit }

    mutating func offer(_ term: [UInt8], _ frequency: Int, _ key: UInt64?) {
        // Of equal ones those kept come first by their bytes.
        if let last = worst, !Self.isAhead((term, frequency, key), last) { return }
        entries.append((term, frequency, key))
        if entries.count < 2 * limit + 16, worst != nil || entries.count < limit { return }
        entries = sorted
        if entries.count == limit { worst = entries.last }
    }

    /// Whether one completion is better than another, their bytes aside.
    private static func isAhead(_ a: Entry, _ b: Entry) -> Bool {
        if a.key != b.key {
            guard let one = a.key, let other = b.key else { return a.key != nil }
            return one > other
        }
        return a.frequency > b.frequency
    }

    /// Those kept, the best first.
    var sorted: [Entry] {
        let all = entries.sorted { a, b in
            if Self.isAhead(a, b) { return true }
            return Self.isAhead(b, a) ? false : a.term.lexicographicallyPrecedes(b.term)
        }
        return Array(all.prefix(limit))
    }
}
