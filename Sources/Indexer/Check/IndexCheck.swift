import Kernels
import Storage

/// What a full check of an index found.
public struct CheckReport: Sendable {
    /// Sentences about what is wrong; none when all is well.
    public internal(set) var problems: [String] = []
    /// Segments that were read.
    public internal(set) var segments = 0
    /// Documents in them.
    public internal(set) var documents = 0
    /// Bytes that were read.
    public internal(set) var bytes = 0
    /// Terms that were decoded.
    public internal(set) var terms = 0
    /// Postings that were decoded.
    public internal(set) var postings = 0
}

extension IndexFolder {
    /// Reads everything an index consists of and compares what can be compared: checksums, order, sums, statistics,
    /// keys.
    ///
    /// Errors: `empty` when there is no index. Anything that is wrong with one becomes a problem of the report.
    public func check() throws(IndexError) -> CheckReport {
        var report = CheckReport()
        guard files.isDirectory(path) else { throw .empty(path: path) }
        for stranger in try strangers() {
            report.problems.append("\(stranger) is not Quire's; move it away")
        }
        do throws(IndexError) {
            let reader = try IndexReader(self)
            report.segments = reader.segments.count
            report.documents = reader.documents
            for (segment, changes) in zip(reader.segments, reader.changes) {
                report.bytes += segment.description.bytes
                SegmentCheck(segment, changes).run(&report)
            }
            if report.problems.isEmpty { checkKeys(reader, &report) }
        } catch {
            if case .empty = error { throw error }
            report.problems.append(error.description)
        }
        return report
    }

    /// No key may belong to two documents, those that were deleted apart.
    private func checkKeys(_ reader: IndexReader, _ report: inout CheckReport) {
        guard let field = reader.schema.field(reader.schema.key)?.index else { return }
        for (number, segment) in reader.segments.enumerated() {
            guard let terms = try? segment.terms(field) else { continue }
            var cursor = TermCursor(terms)
            while cursor.next() {
                let key = cursor.term
                let hash = hash64(key.baseAddress!, key.count)
                func has(_ at: Int) -> Bool {
                    let live = reader.live[at]
                    return (try? reader.segments[at].find(key: key, hash: hash) { live?.contains($0) ?? true }) != nil
                }
                if has(number), (0..<number).contains(where: has) {
                    let problem = "the key \"\(String(decoding: key, as: UTF8.self))\" is in an earlier segment too"
                    return report.problems.append(segment.corrupt(.termBlocks, field, 0, problem).description)
                }
            }
        }
    }
}

/// The check of one segment.
private struct SegmentCheck {
    let segment: SegmentReader
    let changes: SegmentChanges?

    init(_ segment: SegmentReader, _ changes: SegmentChanges?) {
        self.segment = segment
        self.changes = changes
    }

    func run(_ report: inout CheckReport) {
        let damaged = segment.damagedSections()
        report.problems += damaged.map(\.description)
        guard damaged.isEmpty else { return }
        for (number, field) in segment.schema.fields.enumerated() {
            checkTerms(number, field, &report)
            checkOrdinals(number, field, &report)
        }
        checkRows(&report)
    }

    private func note(_ kind: SectionKind, _ field: Int, _ problem: String, _ report: inout CheckReport) {
        report.problems.append(segment.corrupt(kind, field, 0, problem).description)
    }

    /// Terms ascend; every list decodes; documents ascend; frequencies and positions add up to the statistics.
    private func checkTerms(_ number: Int, _ field: Field, _ report: inout CheckReport) {
        guard let terms = try? segment.terms(number) else { return }
        var lengths = [Int](repeating: 0, count: field.type == .text ? segment.documents : 0)
        var cursor = TermCursor(terms)
        var previous: [UInt8] = []
        var seen = FieldStatistics()
        while cursor.next() {
            if seen.termCount > 0, !previous.lexicographicallyPrecedes(cursor.term) {
                return note(.termBlocks, number, "the terms are out of order", &report)
            }
            previous = Array(cursor.term)
            seen.termCount += 1
            seen.postingCount += cursor.info.documentFrequency
            seen.tokenCount += cursor.info.totalFrequency
            guard checkList(number, field, cursor.info, &lengths) else {
                let term = String(decoding: cursor.term, as: UTF8.self)
                return note(.postings, number, "the list of \"\(term)\" cannot be decoded or does not add up", &report)
            }
            if field.name == segment.schema.key, liveDocuments(number, cursor.info) > 1 {
                let term = String(decoding: cursor.term, as: UTF8.self)
                note(.postings, number, "the key \"\(term)\" has several documents", &report)
            }
        }
        report.terms += seen.termCount
        report.postings += seen.postingCount
        let expected = segment.statistics[number]
        guard seen.termCount == expected.termCount, seen.postingCount == expected.postingCount,
            seen.tokenCount == expected.tokenCount
        else { return note(.fieldTable, number, "the statistics do not match the postings", &report) }
        if field.name == segment.schema.key, seen.postingCount != segment.documents {
            note(.termBlocks, number, "\(segment.documents) documents have \(seen.postingCount) keys", &report)
        }
        checkNorms(number, lengths, &report)
    }

    /// How many documents of a list were not deleted.
    private func liveDocuments(_ number: Int, _ info: TermInfo) -> Int {
        guard info.documentFrequency > 1, let list = try? segment.postings(number, info) else { return 1 }
        var count = 0
        var cursor = PostingsCursor(list)
        for block in 0..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            for rank in 0..<cursor.count {
                let document = Int(cursor.documents[cursor.slot(rank)])
                if changes?.deleted.contains(document) != true { count += 1 }
            }
        }
        return count
    }

    /// Decodes a list in full; adds its frequencies to the lengths of its documents.
    private func checkList(_ number: Int, _ field: Field, _ info: TermInfo, _ lengths: inout [Int]) -> Bool {
        guard let list = try? segment.postings(number, info) else { return false }
        let isText = field.type == .text
        var cursor = PostingsCursor(list)
        var positions = GrowableBuffer<UInt32>(capacity: 16)
        var last = -1
        var documents = 0
        var total = 0
        for block in 0..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            guard !cursor.failed else { return false }
            for rank in 0..<cursor.count {
                let slot = cursor.slot(rank)
                let document = Int(cursor.documents[slot])
                guard document > last else { return false }
                last = document
                documents += 1
                if isText {
                    cursor.readPositions(slot, into: &positions)
                    guard positions.count == Int(cursor.frequency(slot)),
                        isBounded(positions.count, document, by: list, block, number)
                    else { return false }
                    lengths[document] += positions.count
                    total += positions.count
                }
            }
        }
        return !cursor.failed && documents == info.documentFrequency && (!isText || total == info.totalFrequency)
    }

    /// Whether one of a block's impact pairs dominates a document of it: hits would be missing otherwise.
    private func isBounded(
        _ frequency: Int, _ document: Int, by list: PostingsList, _ block: Int, _ field: Int
    ) -> Bool {
        guard let impacts = list.impacts, let norms = try? segment.norms(field) else { return true }
        return (0..<Impacts.pairs).contains { pair in
            let at = block * Impacts.byteCount + pair * 2
            return (impacts[at] == 255 || Int(impacts[at]) >= frequency) && impacts[at + 1] <= norms[document]
        }
    }

    /// A length code is never above what the postings say. (It may be below: several tokens at one place count once.)
    private func checkNorms(_ number: Int, _ lengths: [Int], _ report: inout CheckReport) {
        guard let norms = try? segment.norms(number) else { return }
        for (document, length) in lengths.enumerated() where norms[document] > LengthCode.encode(length) {
            return note(.norms, number, "the length of document \(document) is above its number of tokens", &report)
        }
    }

    private func checkOrdinals(_ number: Int, _ field: Field, _ report: inout CheckReport) {
        guard let column = try? segment.ordinals(number), let terms = try? segment.terms(number) else { return }
        var isFine = true
        var values = 0
        for document in 0..<segment.documents {
            column.forEachOrdinal(document) { ordinal in
                values += 1
                if ordinal >= terms.count { isFine = false }
            }
        }
        if !isFine || values != segment.statistics[number].tokenCount {
            note(.ordinals, number, "the column does not match the terms", &report)
        }
    }

    private func checkRows(_ report: inout CheckReport) {
        var rows = 0
        let isFine = segment.rows.forEachRow { _ in rows += 1 }
        if !isFine || rows != segment.documents {
            note(.rows, 0, "\(rows) rows of \(segment.documents) can be decompressed", &report)
        }
    }
}
