import Kernels

/// Merges neighbouring segments into one, documents in the order they have, without those that were deleted.
///
/// Every structure is written as if its documents had been indexed together, so hits and order do not change, and
/// scores only as far as deleted documents are no longer counted.
struct SegmentMerger: Sendable {
    /// A segment, and what was changed of it when the merge began.
    struct Source: Sendable {
        let segment: SegmentReader
        let changes: SegmentChanges
        /// Where its documents go.
        let map: DocumentMap
    }

    let sources: [Source]
    private let schema: Schema
    private let documents: Int

    /// A merger of segments, oldest first, of one schema.
    init(_ segments: [(SegmentReader, SegmentChanges)], schema: Schema) {
        self.schema = schema
        var sources: [Source] = []
        var total = 0
        for (segment, changes) in segments {
            let map = DocumentMap(documents: segment.documents, deleted: changes.deleted, base: total)
            sources.append(Source(segment: segment, changes: changes, map: map))
            total += map.count
        }
        self.sources = sources
        documents = total
    }

    /// Writes the merged segment's file, which is not durable yet; nil when no document is left.
    ///
    /// Errors: `stopped` when `pace` was cancelled.
    /// Complexity: O(bytes); memory: the dictionary and the positions of one field at a time.
    func write(
        folder: GenerationFolder, name: String, pace: WritePace? = nil
    ) throws(IndexError) -> SegmentDescription? {
        guard documents > 0 else { return nil }
        guard documents <= Int(UInt32.max) else {
            throw .request(problem: "a segment holds at most 4,294,967,295 documents; merge to more segments")
        }
        for source in sources {
            try pace?.wrote(0)
            if let damage = source.segment.damagedSections().first { throw damage }
        }
        let out = try SegmentWriter(folder: folder, name: name, documents: documents, pace: pace)
        try out.section(.schema, schema.json)
        var statistics: [FieldStatistics] = []
        for (number, field) in schema.fields.enumerated() {
            var one = FieldStatistics()
            switch field.type {
            case .text:
                let norms = try mergedNorms(number)
                _ = try mergeTerms(number, norms: norms.base, to: out, &one)
                for code in norms.elements where code > 0 { one.documentCount += 1 }
                try out.section(.norms, field: number, norms)
            case .keyword:
                let ordinals = try mergeTerms(number, norms: nil, to: out, &one)
                if field.name == schema.key {
                    one.documentCount = documents
                    try mergeKeys(number, count: one.termCount, to: out)
                } else {
                    one.documentCount = try mergeOrdinals(number, ordinals, multiple: field.hasSeveralTerms, to: out)
                }
            case .integer, .float, .boolean, .date, .price:
                one.documentCount = try mergeNumbers(.numbers, number, to: out) { segment throws(IndexError) in
                    try segment.numbers(number)
                }
                one.tokenCount = one.documentCount
            case .stored: break
            }
            statistics.append(one)
        }
        if sources.contains(where: { $0.segment.hasVersions || $0.changes.columns[schema.fields.count] != nil }) {
            _ = try mergeNumbers(.versions, schema.fields.count, to: out) { segment throws(IndexError) in
                try segment.versions()
            }
        }
        try out.section(.fieldTable, FieldStatistics.encode(statistics))
        try mergeRows(to: out)
        return try out.finish(sync: false)
    }

    /// One segment's place in the merge of a dictionary.
    private final class TermSource {
        let segment: SegmentReader
        let map: DocumentMap
        var cursor: TermCursor
        /// Rank in the merged dictionary of each of its terms; of one that nobody has any more, that of the next.
        var ordinals: [UInt32] = []

        init(_ source: Source, terms: TermDictionary) {
            segment = source.segment
            map = source.map
            cursor = TermCursor(terms)
        }
    }

    /// Writes a field's terms and lists; answers, by source, where each of its terms went.
    private func mergeTerms(
        _ field: Int, norms: UnsafePointer<UInt8>?, to out: SegmentWriter, _ statistics: inout FieldStatistics
    ) throws(IndexError) -> [[UInt32]] {
        var all: [TermSource] = []
        var live: [TermSource] = []
        for source in sources {
            guard let terms = try source.segment.terms(field) else { continue }
            let own = TermSource(source, terms: terms)
            all.append(own)
            if own.cursor.next() { live.append(own) } else { try check(own, field) }
        }
        var dictionary = TermDictionaryWriter(hasPositions: norms != nil)
        let stream = try out.stream(.postings, field: field)
        var postings = PostingsWriter(stream, norms: norms)
        var positions = GrowableBuffer<UInt32>(capacity: 64)
        var term = GrowableBuffer<UInt8>(capacity: 256)
        while !live.isEmpty {
            var least = live[0]
            for source in live.dropFirst() where precedes(source.cursor.term, least.cursor.term) { least = source }
            term.removeAll()
            term.append(contentsOf: UnsafeRawBufferPointer(least.cursor.term))
            postings.begin()
            var hasEnded = false
            for source in live where source.cursor.term.elementsEqual(term.elements) {
                try copy(source, field, to: &postings, &positions)
                source.ordinals.append(UInt32(dictionary.count))
                if !source.cursor.next() {
                    try check(source, field)
                    hasEnded = true
                }
            }
            if hasEnded { live.removeAll { $0.ordinals.count == $0.segment.statistics[field].termCount } }
            // What only deleted documents had is no term any more.
            if postings.isEmpty { continue }
            let info = try postings.end()
            statistics.postingCount += info.documentFrequency
            statistics.tokenCount += norms == nil ? info.documentFrequency : info.totalFrequency
            dictionary.append(term.elements, info)
        }
        statistics.termCount = dictionary.count
        out.end(stream)
        try postings.finish(out, field: field)
        try dictionary.finish(out, field: field)
        return all.map(\.ordinals)
    }

    /// A dictionary that ends early is damaged.
    private func check(_ source: TermSource, _ field: Int) throws(IndexError) {
        if source.cursor.failed || source.cursor.ordinal + 1 != source.segment.statistics[field].termCount {
            throw source.segment.corrupt(.termBlocks, field, 0, "the terms end before the last")
        }
    }

    /// Appends a source's list of the current term.
    private func copy(
        _ source: TermSource, _ field: Int, to postings: inout PostingsWriter,
        _ positions: inout GrowableBuffer<UInt32>
    ) throws(IndexError) {
        let info = source.cursor.info
        let list = try source.segment.postings(field, info)
        var cursor = PostingsCursor(list)
        // Documents that keep their numbers keep the bytes of their blocks.
        guard let taken = source.map.keepsNumbers ? postings.takeBlocks(of: list) : 0 else {
            throw source.segment.corrupt(.postings, field, info.postingsOffset, "a list cannot be decoded")
        }
        for block in taken..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            if cursor.failed { break }
            cursor.decodeFrequencies()
            for rank in 0..<cursor.count {
                let slot = cursor.slot(rank)
                guard let document = source.map.place(cursor.documents[slot]) else { continue }
                guard postings.hasPositions else {
                    postings.append(document: document, frequency: 1)
                    continue
                }
                postings.append(document: document, frequency: cursor.frequencies[slot])
                cursor.readPositions(slot, into: &positions)
                guard positions.count == Int(cursor.frequencies[slot]) else {
                    throw source.segment.corrupt(.positions, field, info.positionsOffset, "a list cannot be decoded")
                }
                postings.append(firstPosition: positions[0])
                for i in 1..<positions.count { postings.append(positionGap: positions[i] &- positions[i - 1]) }
            }
        }
        if cursor.failed {
            throw source.segment.corrupt(.postings, field, info.postingsOffset, "a list cannot be decoded")
        }
    }

    /// The length codes of all documents. Kept in memory: the impacts of every list are made of them.
    private func mergedNorms(_ field: Int) throws(IndexError) -> GrowableBuffer<UInt8> {
        var norms = GrowableBuffer<UInt8>(capacity: documents + 1)
        for source in sources {
            guard let own = try source.segment.norms(field) else { continue }
            source.map.forEach { norms.append(own[$0]) }
        }
        return norms
    }

    /// Writes a number column; answers how many documents have a value.
    private func mergeNumbers(
        _ kind: SectionKind, _ number: Int, to out: SegmentWriter,
        _ column: (SegmentReader) throws(IndexError) -> NumberColumn?
    ) throws(IndexError) -> Int {
        var keys = GrowableBuffer<UInt64>(capacity: documents + 1)
        var isPresent = GrowableBuffer<Bool>(capacity: documents + 1)
        var present = 0
        for source in sources {
            let values = PatchedColumn(column: try column(source.segment), patch: source.changes.columns[number])
            source.map.forEach { document in
                let key = values.key(document)
                keys.append(key ?? 0)
                isPresent.append(key != nil)
                if key != nil { present += 1 }
            }
        }
        try out.section(
            kind, field: kind.isWhole ? 0 : number, NumberColumn.encode(keys: keys, isPresent: isPresent))
        return present
    }

    /// Writes an ordinal column; answers how many documents have a value.
    private func mergeOrdinals(
        _ field: Int, _ maps: [[UInt32]], multiple: Bool, to out: SegmentWriter
    ) throws(IndexError) -> Int {
        var starts = GrowableBuffer<UInt64>(capacity: documents + 1)
        var ordinals = GrowableBuffer<UInt64>(capacity: documents + 1)
        starts.append(0)
        var withValue = 0
        for (number, source) in sources.enumerated() {
            let map = maps[number]
            let column = try source.segment.ordinals(field)
            var isFine = true
            source.map.forEach { document in
                let before = ordinals.count
                column?.forEachOrdinal(document) { ordinal in
                    if ordinal < map.count { ordinals.append(UInt64(map[ordinal])) } else { isFine = false }
                }
                if ordinals.count > before { withValue += 1 }
                starts.append(UInt64(ordinals.count))
            }
            guard isFine else {
                throw source.segment.corrupt(.ordinals, field, 0, "a rank is beyond the dictionary")
            }
        }
        try out.section(
            .ordinals, field: field, OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: multiple))
        return withValue
    }

    private func mergeKeys(_ field: Int, count: Int, to out: SegmentWriter) throws(IndexError) {
        var filter = KeyFilterWriter(keys: count)
        for source in sources {
            guard let terms = try source.segment.terms(field) else { continue }
            var cursor = TermCursor(terms)
            while cursor.next() {
                let key = cursor.term
                if let start = key.baseAddress { filter.insert(hash64(start, key.count)) }
            }
        }
        try out.section(.keyFilter, field: field, filter.finish())
    }

    private func mergeRows(to out: SegmentWriter) throws(IndexError) {
        let stream = try out.stream(.rows)
        var rows = RowStoreWriter()
        let members = Members(schema)
        for source in sources {
            var failure: IndexError?
            var document = 0
            let patcher = RowPatcher(members, schema, source.changes)
            let isFine = source.segment.rows.forEachRow { row in
                defer { document += 1 }
                guard failure == nil, source.map.place(UInt32(document)) != nil else { return }
                patcher.append(row, of: document, to: &rows)
                guard rows.compressed.count > 1 << 20 else { return }
                do throws(IndexError) { try rows.drain(to: stream) } catch { failure = error }
            }
            if let failure { throw failure }
            guard isFine else { throw source.segment.corrupt(.rows, 0, 0, "a block cannot be decompressed") }
        }
        try rows.finish(out, stream)
    }
}
