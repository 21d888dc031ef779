import Kernels
import Segments

/// Merges adjacent segments into one: documents in their order, without deleted ones.
///
/// Every structure is written as if its documents had been indexed together, so hits and their order do not change, and
/// scores only because deleted documents are no longer counted. Sources are verified before anything is copied:
/// corruption is never given a new checksum. A value is immutable and may be used on any thread.
struct SegmentMerger: Sendable {
    /// A segment to merge, with its updates when the merge began.
    struct Source: Sendable {
        let segment: SegmentReader
        let updates: SegmentUpdates
        /// The new numbers of its documents.
        let map: DocumentMap
    }

    let sources: [Source]
    private let schema: Schema
    /// The number of documents of the merged segment.
    private let documents: Int

    /// Creates a merger of segments of one schema, oldest first.
    init(_ segments: [(SegmentReader, SegmentUpdates)], schema: Schema) {
        self.schema = schema
        var sources: [Source] = []
        var total = 0
        for (segment, updates) in segments {
            let map = DocumentMap(documents: segment.documents, deleted: updates.deleted, base: total)
            sources.append(Source(segment: segment, updates: updates, map: map))
            total += map.count
        }
        self.sources = sources
        documents = total
    }

    /// Writes the merged segment's file, which is not durable yet; nil when no document is left.
    ///
    /// Errors: `corrupt` for a source that is not what was written, `request` for more than 4,294,967,295 documents,
    /// `storage`, `stopped` when `limiter` was canceled.
    /// Complexity: O(bytes); memory: some 18 bytes per document for one column at a time, six for each suggestion,
    /// `spillBytes` for each part of a field, and the longest postings list with its positions.
    func write(
        folder: GenerationFolder, name: String, limiter: RateLimiter? = nil, spillBytes: Int = 4 << 20
    ) throws(IndexError) -> SegmentDescription? {
        guard documents > 0 else { return nil }
        guard documents <= Int(UInt32.max) else {
            throw .request(problem: "a segment holds at most 4,294,967,295 documents; merge to more segments")
        }
        for source in sources {
            try limiter?.wrote(0)
            if let corruption = source.segment.corruptSections().first { throw corruption }
        }
        let out = try SegmentWriter(
            folder: folder, name: name, documents: documents, limiter: limiter, spillBytes: spillBytes)
        try out.section(.schema, schema.json)
        var statistics: [FieldStatistics] = []
        for (index, field) in schema.fields.enumerated() {
            var counts = FieldStatistics()
            switch field.type {
            case .text:
                let norms = try mergedNorms(index)
                _ = try mergeTerms(index, norms: norms.base, keepsOrdinals: false, to: out, &counts)
                for code in norms.elements where code > 0 { counts.documentCount += 1 }
                try out.section(.norms, field: index, norms)
            case .keyword:
                let isKey = field.name == schema.key
                let ordinals = try mergeTerms(index, norms: nil, keepsOrdinals: !isKey, to: out, &counts)
                if isKey {
                    counts.documentCount = documents
                    try mergeKeys(index, count: counts.termCount, to: out)
                } else {
                    counts.documentCount = try mergeOrdinals(index, ordinals, multiple: field.hasSeveralTerms, to: out)
                }
            case .integer, .float, .boolean, .date, .price:
                counts.documentCount = try mergeNumbers(.numbers, index, to: out) { segment throws(IndexError) in
                    try segment.numbers(index)
                }
                counts.tokenCount = counts.documentCount
            case .vocabulary:
                _ = try mergeTerms(index, norms: nil, keepsOrdinals: false, to: out, &counts)
                counts.documentCount = documents
            case .suggestion:
                var merger = try SuggestionMerger(index, of: sources, schema, limiter)
                counts = try merger.write(to: out, documents: documents)
            case .stored: break
            }
            statistics.append(counts)
        }
        if sources.contains(where: { $0.segment.hasVersions || $0.updates.columns[schema.fields.count] != nil }) {
            _ = try mergeNumbers(.versions, schema.fields.count, to: out) { segment throws(IndexError) in
                try segment.versions()
            }
        }
        try out.section(.fieldTable, FieldStatistics.encode(statistics))
        try mergeRows(to: out)
        return try out.finish(sync: false)
    }

    /// The terms of one source's dictionary; a dictionary that ends early is an error.
    private final class DictionaryTerms: TermSource {
        let segment: SegmentReader
        let map: DocumentMap
        private let field: Int
        private var cursor: TermCursor
        /// The ordinal in the merged dictionary of each of its terms; for a term that only deleted documents contained,
        /// the ordinal of the next term.
        var ordinals: [UInt32] = []

        /// Creates an iterator before the first term of a field.
        init(_ source: Source, _ field: Int, _ terms: TermDictionary) {
            segment = source.segment
            map = source.map
            self.field = field
            cursor = TermCursor(terms)
        }

        var term: UnsafeBufferPointer<UInt8> { cursor.term }
        var info: TermInfo { cursor.info }

        /// Advances to the next term; false at the end. Errors: `corrupt`.
        func step() throws(IndexError) -> Bool {
            if cursor.next() { return true }
            guard !cursor.failed, cursor.ordinal + 1 == segment.statistics[field].termCount else {
                throw segment.corrupt(.termBlocks, field, 0, "the terms end before the last")
            }
            return false
        }
    }

    /// Writes a field's terms, postings and positions; returns, by source, the new ordinal of each term with
    /// `keepsOrdinals`.
    ///
    /// A k-way merge of the dictionaries: the postings of one term are appended source after source, which keeps
    /// documents ascending. Errors: `corrupt` for a source's dictionary or postings, `storage`, `stopped`.
    private func mergeTerms(
        _ field: Int, norms: UnsafePointer<UInt8>?, keepsOrdinals: Bool, to out: SegmentWriter,
        _ statistics: inout FieldStatistics
    ) throws(IndexError) -> [[UInt32]] {
        var dictionaries: [DictionaryTerms] = []
        for source in sources {
            guard let terms = try source.segment.terms(field) else { continue }
            dictionaries.append(DictionaryTerms(source, field, terms))
        }
        var dictionary = TermDictionaryWriter(hasPositions: norms != nil)
        let stream = try out.stream(.postings, field: field)
        var postings = PostingsWriter(stream, norms: norms)
        var positions = GrowableBuffer<UInt32>(capacity: 64)
        var merge = try TermMerge(dictionaries)
        while try merge.next() {
            postings.begin()
            for match in merge.matches {
                let source = merge.source(match)
                try copy(source, field, to: &postings, &positions)
                if keepsOrdinals { source.ordinals.append(UInt32(dictionary.count)) }
            }
            // A term that only deleted documents contained is dropped.
            if postings.isEmpty { continue }
            let info = try postings.end()
            statistics.postingCount += info.documentFrequency
            statistics.tokenCount += norms == nil ? info.documentFrequency : info.totalFrequency
            dictionary.append(merge.term, info)
            try dictionary.spillWhenLarge(beside: stream)
        }
        statistics.termCount = dictionary.count
        out.end(stream)
        try postings.finish(out, field: field)
        try dictionary.finish(out, field: field)
        return dictionaries.map(\.ordinals)
    }

    /// Appends a source's postings of the current term.
    ///
    /// Whole blocks are copied as bytes while the documents keep their numbers; the remaining ones are decoded and
    /// mapped. Errors: `corrupt` for a block that cannot be decoded.
    private func copy(
        _ source: DictionaryTerms, _ field: Int, to postings: inout PostingsWriter,
        _ positions: inout GrowableBuffer<UInt32>
    ) throws(IndexError) {
        let info = source.info
        let list = try source.segment.postings(field, info)
        var cursor = PostingsCursor(list)
        // Documents that keep their numbers keep the bytes of their blocks.
        guard let copiedBlocks = source.map.keepsNumbers ? postings.takeBlocks(of: list) : 0 else {
            throw source.segment.corrupt(.postings, field, offset: info.postingsOffset)
        }
        for block in copiedBlocks..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            if cursor.failed { break }
            cursor.decodeFrequencies()
            for index in 0..<cursor.count {
                let slot = cursor.slot(index)
                guard let document = source.map.target(cursor.documents[slot]) else { continue }
                guard postings.hasPositions else {
                    postings.append(document: document, frequency: 1)
                    continue
                }
                postings.append(document: document, frequency: cursor.frequencies[slot])
                cursor.readPositions(slot, into: &positions)
                guard positions.count == Int(cursor.frequencies[slot]) else {
                    throw source.segment.corrupt(.positions, field, offset: info.positionsOffset)
                }
                postings.append(firstPosition: positions[0])
                for i in 1..<positions.count { postings.append(positionGap: positions[i] &- positions[i - 1]) }
            }
        }
        if cursor.failed { throw source.segment.corrupt(.postings, field, offset: info.postingsOffset) }
    }

    /// Returns the norm codes of all documents. They are kept in memory, because the impacts of every postings list are
    /// computed from them.
    private func mergedNorms(_ field: Int) throws(IndexError) -> GrowableBuffer<UInt8> {
        var norms = GrowableBuffer<UInt8>(capacity: documents + 1)
        for source in sources {
            guard let sourceNorms = try source.segment.norms(field) else { continue }
            source.map.forEach { norms.append(sourceNorms[$0]) }
        }
        return norms
    }

    /// Writes a number column, patched values included; returns the number of documents with a value.
    ///
    /// Memory: 9 bytes per document. Errors: `corrupt`, `storage`.
    private func mergeNumbers(
        _ kind: SectionKind, _ columnIndex: Int, to out: SegmentWriter,
        _ column: (SegmentReader) throws(IndexError) -> NumberColumn?
    ) throws(IndexError) -> Int {
        var keys = GrowableBuffer<UInt64>(capacity: documents + 1)
        var isPresent = GrowableBuffer<Bool>(capacity: documents + 1)
        var present = 0
        for source in sources {
            let values = PatchedColumn(column: try column(source.segment), patch: source.updates.columns[columnIndex])
            source.map.forEach { document in
                let key = values.key(document)
                keys.append(key ?? 0)
                isPresent.append(key != nil)
                if key != nil { present += 1 }
            }
        }
        try out.section(
            kind, field: kind.isWhole ? 0 : columnIndex, NumberColumn.encode(keys: keys, isPresent: isPresent))
        return present
    }

    /// Writes an ordinal column; returns the number of documents with a value.
    ///
    /// `maps` has the new ordinals of each source's terms (see `mergeTerms`). Errors: `corrupt` for an ordinal that the
    /// source's dictionary does not have.
    private func mergeOrdinals(
        _ field: Int, _ maps: [[UInt32]], multiple: Bool, to out: SegmentWriter
    ) throws(IndexError) -> Int {
        var starts = GrowableBuffer<UInt64>(capacity: documents + 1)
        var ordinals = GrowableBuffer<UInt64>(capacity: documents + 1)
        starts.append(0)
        var documentCount = 0
        for (sourceIndex, source) in sources.enumerated() {
            let map = maps[sourceIndex]
            let column = try source.segment.ordinals(field)
            var isIntact = true
            source.map.forEach { document in
                let start = ordinals.count
                column?.forEachOrdinal(document) { ordinal in
                    if ordinal < map.count { ordinals.append(UInt64(map[ordinal])) } else { isIntact = false }
                }
                if ordinals.count > start { documentCount += 1 }
                starts.append(UInt64(ordinals.count))
            }
            guard isIntact else {
                throw source.segment.corrupt(.ordinals, field, 0, "an ordinal is beyond the dictionary")
            }
        }
        try out.section(
            .ordinals, field: field, OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: multiple))
        return documentCount
    }

    /// Writes the key filter of all keys.
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

    /// Writes the stored documents, patched values included, and drains them to the file about every megabyte.
    ///
    /// Errors: `corrupt` for a block that cannot be decompressed, `storage`, `stopped`.
    private func mergeRows(to out: SegmentWriter) throws(IndexError) {
        let stream = try out.stream(.rows)
        var rows = RowStoreWriter()
        let members = Members(schema)
        for source in sources {
            var failure: IndexError?
            var document = 0
            let patcher = RowPatcher(members, schema, source.updates)
            let isIntact = source.segment.rows.forEachRow { row in
                defer { document += 1 }
                guard failure == nil, source.map.target(UInt32(document)) != nil else { return }
                patcher.append(row, of: document, to: &rows)
                guard rows.compressed.count > 1 << 20 else { return }
                do throws(IndexError) { try rows.drain(to: stream) } catch { failure = error }
            }
            if let failure { throw failure }
            guard isIntact else { throw source.segment.corrupt(.rows, 0, 0, "a block cannot be decompressed") }
        }
        try rows.finish(out, stream)
    }
}
