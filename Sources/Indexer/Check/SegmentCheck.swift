import Kernels

/// The check of one segment.
struct SegmentCheck {
    private let segment: SegmentReader
    private let changes: SegmentChanges?
    /// What the inverted index and the columns know of each document, to be compared with its row; nil when the rows
    /// are not compared.
    private let comparison: RowComparison?

    init(_ segment: SegmentReader, _ changes: SegmentChanges?, comparingDocuments: Bool) {
        self.segment = segment
        self.changes = changes
        comparison = comparingDocuments ? RowComparison(segment) : nil
    }

    func run(_ report: inout CheckReport) {
        let damaged = segment.damagedSections()
        report.problems += damaged.map(\.description)
        guard damaged.isEmpty else { return }
        if let offset = segment.strayByte {
            report.problems.append(
                segment.damage("the file", offset, "a byte between two sections is not 0").description)
        }
        let before = report.problems.count
        for (number, field) in segment.schema.fields.enumerated() {
            checkTerms(number, field, &report)
            checkOrdinals(number, field, &report)
            if field.hasNumbers { checkNumbers(number, &report) }
        }
        checkChanges(&report)
        if report.problems.count == before { checkRows(&report) }
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
            comparison?.begin(cursor.term, of: number)
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
                guard document > last, document < segment.documents else { return false }
                last = document
                documents += 1
                if isText {
                    cursor.readPositions(slot, into: &positions)
                    guard positions.count == Int(cursor.frequency(slot)),
                        isBounded(positions.count, document, by: list, block, number)
                    else { return false }
                    lengths[document] += positions.count
                    total += positions.count
                    comparison?.found(document, positions)
                } else {
                    comparison?.found(document)
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

    /// What a column says of its zones must hold: documents would be missing otherwise.
    private func checkNumbers(_ number: Int, _ report: inout CheckReport) {
        guard let column = try? segment.numbers(number) else { return }
        var present = 0
        var isFine = true
        for document in 0..<segment.documents {
            guard let key = column.key(document) else { continue }
            present += 1
            if !(column.zone(document / NumberColumn.zoneSize)?.contains(key) ?? false) { isFine = false }
        }
        if !isFine || present != column.present || present != segment.statistics[number].documentCount {
            note(.numbers, number, "the column does not hold what is said of it", &report)
        }
    }

    /// Values may have changed in columns of numbers alone.
    private func checkChanges(_ report: inout CheckReport) {
        let fields = segment.schema.fields
        for column in changes?.columns.keys.sorted() ?? [] where column < fields.count {
            if !fields[column].hasNumbers {
                let name = fields[column].name
                report.problems.append("the changes to \(segment.path) are of \"\(name)\", which holds no numbers")
            }
        }
    }

    private func checkRows(_ report: inout CheckReport) {
        var rows = 0
        var difference: RowComparison.Difference?
        let isFine = segment.rows.forEachRow { row in
            if difference == nil { difference = comparison?.difference(rows, row) }
            rows += 1
        }
        if !isFine || rows != segment.documents {
            note(.rows, 0, "\(rows) rows of \(segment.documents) can be decompressed", &report)
        } else if let difference {
            note(difference.section, difference.field, difference.problem, &report)
        } else if comparison != nil {
            report.comparedDocuments += rows
        }
    }
}
