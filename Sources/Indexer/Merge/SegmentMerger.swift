import Kernels

/// Merges neighbouring segments into one, documents in the order they have.
///
/// Every structure is written as if its documents had been indexed together, so hits, scores and order do not change.
struct SegmentMerger {
    private let segments: [SegmentReader]
    private let schema: Schema
    private let bases: [Int]
    private let documents: Int

    /// A merger of `segments`, oldest first, of one schema.
    init(_ segments: [SegmentReader], schema: Schema) {
        self.segments = segments
        self.schema = schema
        var bases: [Int] = []
        var total = 0
        for segment in segments {
            bases.append(total)
            total += segment.documents
        }
        self.bases = bases
        documents = total
    }

    /// Writes the merged segment's file.
    ///
    /// Complexity: O(bytes); memory: the dictionary and the positions of one field at a time.
    func write(folder: String, name: String) throws(IndexError) -> SegmentDescription {
        guard documents <= Int(UInt32.max) else {
            throw .request(problem: "a segment holds at most 4,294,967,295 documents; merge to more segments")
        }
        for segment in segments { if let damage = segment.damagedSections().first { throw damage } }
        let out = try SegmentWriter(folder: folder, name: name, documents: documents)
        try out.section(.schema, schema.json)
        var statistics: [FieldStatistics] = []
        for (number, field) in schema.fields.enumerated() {
            var one = FieldStatistics()
            for segment in segments {
                one.documentCount += segment.statistics[number].documentCount
                one.tokenCount += segment.statistics[number].tokenCount
                one.postingCount += segment.statistics[number].postingCount
            }
            switch field.type {
            case .text:
                let norms = mergedNorms(number)
                one.termCount = try mergeTerms(number, norms: norms.base, to: out).termCount
                try out.section(.norms, field: number, norms)
            case .keyword:
                let merged = try mergeTerms(number, norms: nil, to: out)
                one.termCount = merged.termCount
                if field.name == schema.key {
                    try mergeKeys(number, count: merged.termCount, to: out)
                } else {
                    try mergeOrdinals(number, merged.ordinals, multiple: field.multiple, to: out)
                }
            case .integer, .float: try mergeNumbers(number, to: out)
            case .stored: break
            }
            statistics.append(one)
        }
        try out.section(.fieldTable, FieldStatistics.encode(statistics))
        try mergeRows(to: out)
        return try out.finish()
    }

    /// One segment's place in the merge of a dictionary.
    private final class Source {
        let segment: SegmentReader
        let base: UInt32
        var cursor: TermCursor
        /// Rank in the merged dictionary of each of its terms.
        var ordinals: [UInt32] = []

        init(_ segment: SegmentReader, base: Int, terms: TermDictionary) {
            self.segment = segment
            self.base = UInt32(base)
            cursor = TermCursor(terms)
        }
    }

    private func mergeTerms(
        _ field: Int, norms: UnsafePointer<UInt8>?, to out: SegmentWriter
    ) throws(IndexError) -> (termCount: Int, ordinals: [[UInt32]]) {
        var all: [Source] = []
        var live: [Source] = []
        for (number, segment) in segments.enumerated() {
            guard let terms = segment.terms(field) else { continue }
            let source = Source(segment, base: bases[number], terms: terms)
            all.append(source)
            if source.cursor.next() { live.append(source) } else { try check(source, field) }
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
            dictionary.append(term.elements, try postings.end())
        }
        let count = dictionary.count
        out.end(stream)
        try postings.finish(out, field: field)
        try dictionary.finish(out, field: field)
        return (count, all.map(\.ordinals))
    }

    /// A dictionary that ends early is damaged.
    private func check(_ source: Source, _ field: Int) throws(IndexError) {
        if source.cursor.failed || source.cursor.ordinal + 1 != source.segment.statistics[field].termCount {
            throw source.segment.corrupt(.termBlocks, field, 0, "the terms end before the last")
        }
    }

    /// Appends a source's list of the current term.
    private func copy(
        _ source: Source, _ field: Int, to postings: inout PostingsWriter, _ positions: inout GrowableBuffer<UInt32>
    ) throws(IndexError) {
        let info = source.cursor.info
        let list = try source.segment.postings(field, info)
        var cursor = PostingsCursor(list)
        // The first segment's documents keep their numbers, and its blocks their bytes.
        guard let taken = source.base == 0 ? postings.takeBlocks(of: list) : 0 else {
            throw source.segment.corrupt(.postings, field, info.postingsOffset, "a list cannot be decoded")
        }
        for block in taken..<list.blockCount {
            cursor.open(block)
            cursor.decode()
            if cursor.failed { break }
            cursor.decodeFrequencies()
            for rank in 0..<cursor.count {
                let slot = cursor.slot(rank)
                let document = cursor.documents[slot] &+ source.base
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
    private func mergedNorms(_ field: Int) -> GrowableBuffer<UInt8> {
        var norms = GrowableBuffer<UInt8>(capacity: documents + 1)
        for segment in segments {
            norms.append(contentsOf: UnsafeRawBufferPointer(start: segment.norms(field), count: segment.documents))
        }
        return norms
    }

    private func mergeNumbers(_ field: Int, to out: SegmentWriter) throws(IndexError) {
        var keys = GrowableBuffer<UInt64>(capacity: documents + 1)
        var isPresent = GrowableBuffer<Bool>(capacity: documents + 1)
        for segment in segments {
            let column = segment.numbers(field)
            for document in 0..<segment.documents {
                let key = column?.key(document)
                keys.append(key ?? 0)
                isPresent.append(key != nil)
            }
        }
        try out.section(.numbers, field: field, NumberColumn.encode(keys: keys, isPresent: isPresent))
    }

    private func mergeOrdinals(
        _ field: Int, _ maps: [[UInt32]], multiple: Bool, to out: SegmentWriter
    ) throws(IndexError) {
        var starts = GrowableBuffer<UInt64>(capacity: documents + 1)
        var ordinals = GrowableBuffer<UInt64>(capacity: documents + 1)
        starts.append(0)
        for (number, segment) in segments.enumerated() {
            let map = maps[number]
            for document in 0..<segment.documents {
                var isFine = true
                segment.ordinals(field)?.forEachOrdinal(document) { ordinal in
                    if ordinal < map.count { ordinals.append(UInt64(map[ordinal])) } else { isFine = false }
                }
                guard isFine else { throw segment.corrupt(.ordinals, field, 0, "a rank is beyond the dictionary") }
                starts.append(UInt64(ordinals.count))
            }
        }
        try out.section(
            .ordinals, field: field, OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: multiple))
    }

    private func mergeKeys(_ field: Int, count: Int, to out: SegmentWriter) throws(IndexError) {
        var filter = KeyFilterWriter(keys: count)
        for segment in segments {
            guard let terms = segment.terms(field) else { continue }
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
        for segment in segments {
            var failure: IndexError?
            let isFine = segment.rows.forEachRow { row in
                rows.append(row: row)
                guard failure == nil, rows.compressed.count > 1 << 20 else { return }
                do throws(IndexError) { try rows.drain(to: stream) } catch { failure = error }
            }
            if let failure { throw failure }
            guard isFine else { throw segment.corrupt(.rows, 0, 0, "a block cannot be decompressed") }
        }
        try rows.finish(out, stream)
    }
}
