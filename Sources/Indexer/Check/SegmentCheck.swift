import Kernels
import Segments

/// The full check of one segment.
///
/// It reads everything: page checksums first, then the structure of terms, postings and columns against the statistics,
/// and at last the rows against what was indexed of them. Later steps are skipped when earlier ones found problems,
/// because these would only repeat them. Memory: O(documents) for each field.
struct SegmentCheck {
    private let segment: SegmentReader
    private let updates: SegmentUpdates?
    /// The terms and columns of each document, to be compared with its row; nil when rows are not compared.
    private let comparison: RowComparison?

    /// Creates the check of a segment and its updates; `comparingDocuments` analyzes all stored documents again.
    init(_ segment: SegmentReader, _ updates: SegmentUpdates?, comparingDocuments: Bool) {
        self.segment = segment
        self.updates = updates
        comparison = comparingDocuments ? RowComparison(segment) : nil
    }

    /// Reads all of the segment, and adds what is wrong with it to a report.
    func run(_ report: inout CheckReport) {
        let errors = segment.corruptSections()
        report.problems += errors.map(\.description)
        guard errors.isEmpty else { return }
        if let offset = segment.strayByte {
            report.problems.append(
                segment.corruptFrame("the file", offset, "a byte between two sections is not 0").description)
        }
        let before = report.problems.count
        for (fieldIndex, field) in segment.schema.fields.enumerated() {
            checkTerms(fieldIndex, field, &report)
            checkOrdinals(fieldIndex, field, &report)
            checkSuggestions(fieldIndex, &report)
            if field.hasNumbers { checkNumbers(fieldIndex, &report) }
        }
        checkUpdates(&report)
        if report.problems.count == before { checkRows(&report) }
    }

    /// Adds a problem of a section to the report.
    private func note(_ kind: SectionKind, _ field: Int, _ problem: String, _ report: inout CheckReport) {
        report.problems.append(segment.corrupt(kind, field, 0, problem).description)
    }

    /// Checks that terms ascend, every postings list decodes, documents ascend, and frequencies and positions add up to
    /// the statistics.
    private func checkTerms(_ fieldIndex: Int, _ field: Field, _ report: inout CheckReport) {
        guard let terms = try? segment.terms(fieldIndex) else { return }
        var lengths = [Int](repeating: 0, count: field.type == .text ? segment.documents : 0)
        var cursor = TermCursor(terms)
        var previous: [UInt8] = []
        var total = FieldStatistics()
        while cursor.next() {
            if total.termCount > 0, !previous.lexicographicallyPrecedes(cursor.term) {
                return note(.termBlocks, fieldIndex, "the terms are out of order", &report)
            }
            previous = Array(cursor.term)
            total.termCount += 1
            total.postingCount += cursor.info.documentFrequency
            total.tokenCount += cursor.info.totalFrequency
            comparison?.begin(cursor.term, of: fieldIndex)
            guard checkList(fieldIndex, field, cursor.info, &lengths) else {
                let term = String(decoding: cursor.term, as: UTF8.self)
                let problem = "the postings of \"\(term)\" cannot be decoded or do not add up"
                return note(.postings, fieldIndex, problem, &report)
            }
            if field.name == segment.schema.key, liveDocuments(fieldIndex, cursor.info) > 1 {
                let term = String(decoding: cursor.term, as: UTF8.self)
                note(.postings, fieldIndex, "the key \"\(term)\" has several documents", &report)
            }
        }
        report.terms += total.termCount
        report.postings += total.postingCount
        let expected = segment.statistics[fieldIndex]
        guard total.termCount == expected.termCount, total.postingCount == expected.postingCount,
            total.tokenCount == expected.tokenCount
        else { return note(.fieldTable, fieldIndex, "the statistics do not match the postings", &report) }
        if field.name == segment.schema.key, total.postingCount != segment.documents {
            note(.termBlocks, fieldIndex, "\(segment.documents) documents have \(total.postingCount) keys", &report)
        }
        checkNorms(fieldIndex, lengths, &report)
    }

    /// Returns the number of live documents of a postings list.
    private func liveDocuments(_ fieldIndex: Int, _ info: TermInfo) -> Int {
        guard info.documentFrequency > 1, let list = try? segment.postings(fieldIndex, info) else { return 1 }
        var count = 0
        var cursor = PostingsCursor(list)
        for block in 0..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            for index in 0..<cursor.count {
                let document = Int(cursor.documents[cursor.slot(index)])
                if updates?.deleted.contains(document) != true { count += 1 }
            }
        }
        return count
    }

    /// Decodes a postings list in full and adds its frequencies to the lengths of its documents; false when it is
    /// inconsistent.
    private func checkList(_ fieldIndex: Int, _ field: Field, _ info: TermInfo, _ lengths: inout [Int]) -> Bool {
        guard let list = try? segment.postings(fieldIndex, info) else { return false }
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
            for index in 0..<cursor.count {
                let slot = cursor.slot(index)
                let document = Int(cursor.documents[slot])
                guard document > last, document < segment.documents else { return false }
                last = document
                documents += 1
                if isText {
                    cursor.readPositions(slot, into: &positions)
                    guard positions.count == Int(cursor.frequency(slot)),
                        isBounded(positions.count, document, by: list, block, fieldIndex)
                    else { return false }
                    lengths[document] += positions.count
                    total += positions.count
                    comparison?.add(document, positions)
                } else {
                    comparison?.add(document)
                }
            }
        }
        return !cursor.failed && documents == info.documentFrequency && (!isText || total == info.totalFrequency)
    }

    /// Returns true if one of a block's impact pairs dominates a document of it: hits could be lost otherwise.
    private func isBounded(
        _ frequency: Int, _ document: Int, by list: PostingsList, _ block: Int, _ field: Int
    ) -> Bool {
        guard let impacts = list.impacts, let norms = try? segment.norms(field) else { return true }
        return (0..<Impacts.pairs).contains { pair in
            let offset = block * Impacts.byteCount + pair * 2
            let isFrequent = impacts[offset] == 255 || Int(impacts[offset]) >= frequency
            return isFrequent && impacts[offset + 1] <= norms[document]
        }
    }

    /// Checks that no norm code is above the length that the postings imply. It may be below: several tokens at one
    /// position count once.
    private func checkNorms(_ fieldIndex: Int, _ lengths: [Int], _ report: inout CheckReport) {
        guard let norms = try? segment.norms(fieldIndex) else { return }
        for (document, length) in lengths.enumerated() where norms[document] > LengthCode.encode(length) {
            return note(.norms, fieldIndex, "the length of document \(document) is above its number of tokens", &report)
        }
    }

    /// Checks that a column refers only to terms, as often as the statistics say.
    private func checkOrdinals(_ fieldIndex: Int, _ field: Field, _ report: inout CheckReport) {
        guard let column = try? segment.ordinals(fieldIndex), let terms = try? segment.terms(fieldIndex) else { return }
        var isIntact = true
        var values = 0
        for document in 0..<segment.documents {
            column.forEachOrdinal(document) { ordinal in
                values += 1
                if ordinal >= terms.count { isIntact = false }
            }
        }
        if !isIntact || values != segment.statistics[fieldIndex].tokenCount {
            note(.ordinals, fieldIndex, "the column does not match the terms", &report)
        }
    }

    /// Checks that keys ascend, that no maximum hides one, and that the documents match the statistics.
    private func checkSuggestions(_ fieldIndex: Int, _ report: inout CheckReport) {
        guard let suggestions = try? segment.suggestions(fieldIndex) else { return }
        if let problem = suggestions.problem { return note(.suggestions, fieldIndex, problem, &report) }
        var documents = 0
        for entry in 0..<suggestions.count {
            comparison?.begin(suggestions.text(of: entry).bindMemory(to: UInt8.self), of: fieldIndex)
            let isIntact = suggestions.forEachDocument(of: entry, below: segment.documents) { document in
                documents += 1
                comparison?.add(document)
                return true
            }
            if !isIntact { return note(.suggestions, fieldIndex, "documents do not ascend", &report) }
        }
        let expected = segment.statistics[fieldIndex]
        if suggestions.count != expected.termCount || documents != expected.postingCount {
            note(.suggestions, fieldIndex, "the statistics do not match the suggestions", &report)
        }
    }

    /// Checks that each value lies within the bounds of its zone: documents could be lost otherwise.
    private func checkNumbers(_ fieldIndex: Int, _ report: inout CheckReport) {
        guard let column = try? segment.numbers(fieldIndex) else { return }
        var present = 0
        var isIntact = true
        for document in 0..<segment.documents {
            guard let key = column.key(document) else { continue }
            present += 1
            if !(column.zone(document / NumberColumn.zoneSize)?.contains(key) ?? false) { isIntact = false }
        }
        if !isIntact || present != column.present || present != segment.statistics[fieldIndex].documentCount {
            note(.numbers, fieldIndex, "the column does not match its zones or the statistics", &report)
        }
    }

    /// Checks that only number columns are patched.
    private func checkUpdates(_ report: inout CheckReport) {
        let fields = segment.schema.fields
        for column in updates?.columns.keys.sorted() ?? [] where column < fields.count {
            if !fields[column].hasNumbers {
                let name = fields[column].name
                report.problems.append("the updates to \(segment.path) patch \"\(name)\", which holds no numbers")
            }
        }
    }

    /// Decompresses every row, and compares it with what was indexed.
    private func checkRows(_ report: inout CheckReport) {
        var rows = 0
        var difference: RowComparison.Difference?
        let isIntact = segment.rows.forEachRow { row in
            if difference == nil { difference = comparison?.difference(rows, row) }
            rows += 1
        }
        if !isIntact || rows != segment.documents {
            note(.rows, 0, "\(rows) rows of \(segment.documents) can be decompressed", &report)
        } else if let difference {
            note(difference.section, difference.field, difference.problem, &report)
        } else if comparison != nil {
            report.comparedDocuments += rows
        }
    }
}
