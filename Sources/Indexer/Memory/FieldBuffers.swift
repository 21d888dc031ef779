import Analyzer
import Kernels
import Segments

/// The gap in positions between two values of one field, so that no phrase matches across them.
let valueGap: UInt32 = 100

/// The buffer of a text field in the segment being built.
///
/// Documents are appended in order, every document once, with or without values. A buffer is written once; afterwards
/// only a keyword buffer's lookups may be used. Not thread-safe. The same holds for the other field buffers.
final class TextFieldBuffer {
    private let analyzer: TextAnalyzer
    private var lexicon = Lexicon()
    private var forward = ForwardIndex()
    /// The norm code of each document.
    private var lengths = GrowableBuffer<UInt8>(capacity: 1 << 8)
    /// The number of documents with a token.
    private var documentCount = 0

    /// Creates an empty buffer.
    init(_ analyzer: TextAnalyzer) {
        self.analyzer = analyzer
    }

    /// The number of bytes in use and needed to flush: 12 more per token.
    var byteCount: Int { lexicon.byteCount + forward.byteCount + lengths.count + 12 * forward.tokenCount }

    /// Appends the next document with its values of one member.
    func add(_ document: borrowing DocumentBuffer, member: UInt32, _ tokens: inout TokenBuffer) {
        var length = 0
        var base: UInt32 = 0
        for i in 0..<document.values.count where document.values[i].member == member {
            analyzer.analyze(document.text(document.values[i]), into: &tokens)
            length += append(tokens, base)
            base = base + tokens.endPosition + valueGap
        }
        forward.endDocument()
        lengths.append(LengthCode.encode(length))
        if length > 0 { documentCount += 1 }
    }

    /// Records the tokens of one value and returns its length, in which several tokens at one position count once.
    private func append(_ tokens: borrowing TokenBuffer, _ base: UInt32) -> Int {
        var overlaps = 0
        var previous = UInt32.max
        let text = tokens.text.base
        for i in 0..<tokens.count {
            let position = tokens.position.base[i]
            if position == previous { overlaps &+= 1 }
            previous = position
            let term = lexicon.intern(
                text + Int(tokens.start.base[i]), Int(tokens.length.base[i]), hash: tokens.hash.base[i])
            forward.append(term, position: base &+ position)
        }
        return tokens.count &- overlaps
    }

    /// Writes terms, postings, positions and norms. Errors: `storage`.
    func write(to segment: SegmentWriter, field: Int) throws(IndexError) -> FieldStatistics {
        let inversion = Inversion(forward, lexicon)
        var terms = TermDictionaryWriter(hasPositions: true)
        let stream = try segment.stream(.postings, field: field)
        var postings = PostingsWriter(stream, norms: lengths.base)
        var statistics = FieldStatistics(documentCount: documentCount, tokenCount: forward.tokenCount)
        for ordinal in 0..<inversion.order.count {
            postings.begin()
            Self.encode(inversion.occurrences(ordinal), into: &postings)
            let info = try postings.end()
            statistics.postingCount += info.documentFrequency
            terms.append(lexicon.term(Int(inversion.order[ordinal])), info)
        }
        statistics.termCount = terms.count
        segment.end(stream)
        try postings.finish(segment, field: field)
        try terms.finish(segment, field: field)
        try segment.section(.norms, field: field, lengths)
        return statistics
    }

    /// Appends one term's occurrences to the postings, grouped by document.
    private static func encode(_ occurrences: UnsafeBufferPointer<UInt64>, into postings: inout PostingsWriter) {
        var i = 0
        while i < occurrences.count {
            let document = occurrences[i] &>> 32
            var end = i &+ 1
            while end < occurrences.count, occurrences[end] &>> 32 == document { end &+= 1 }
            postings.append(
                document: UInt32(truncatingIfNeeded: document), frequency: UInt32(truncatingIfNeeded: end &- i))
            var previous = UInt32(truncatingIfNeeded: occurrences[i])
            postings.append(firstPosition: previous)
            i &+= 1
            while i < end {
                let position = UInt32(truncatingIfNeeded: occurrences[i])
                postings.append(positionGap: position &- previous)
                previous = position
                i &+= 1
            }
        }
    }
}

/// The buffer of a keyword or vocabulary field in the segment being built.
///
/// Shape: the forward index has one token for each distinct term of a document; its positions only count them.
final class KeywordFieldBuffer {
    private let isMultiple: Bool
    private let complement: Complement
    private let rule: KeywordRule
    /// The terms of a vocabulary field; nil for keyword fields.
    private let vocabulary: VocabularyTerms?
    private var lexicon = Lexicon()
    private var forward = ForwardIndex()
    private var documentCount = 0
    /// The last document that contains each term, by term number.
    private var lastDocuments = GrowableBuffer<UInt32>(capacity: 1 << 8)

    /// The section that is written besides terms and postings.
    enum Complement {
        /// The ordinals of each document.
        case column
        /// The filter of all keys.
        case keyFilter
        case nothing
    }

    /// Creates an empty buffer of a keyword field.
    init(_ field: Field, _ complement: Complement) {
        isMultiple = field.hasSeveralTerms
        rule = KeywordRule(field)
        self.complement = complement
        vocabulary = nil
    }

    /// Creates an empty buffer of a vocabulary field.
    init(_ field: Field, vocabulary: VocabularyTerms) {
        isMultiple = true
        rule = KeywordRule(field)
        complement = .nothing
        self.vocabulary = vocabulary
    }

    /// Bytes of memory in use and needed to flush.
    var byteCount: Int { lexicon.byteCount + forward.byteCount + 16 * forward.tokenCount + 40 * lexicon.count }

    /// Returns the last document with a key; nil when there is none.
    func document(key: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int? {
        guard let start = key.baseAddress, let term = lexicon.find(start, key.count, hash: hash) else { return nil }
        return Int(lastDocuments[Int(term)])
    }

    /// Appends the next document with the terms of its values of one member, each once; empty text is no value.
    func add(_ document: borrowing DocumentBuffer, member: UInt32, _ tokens: inout TokenBuffer) {
        let documentNumber = UInt32(forward.documentEnds.count)
        var count: UInt32 = 0
        for i in 0..<document.values.count where document.values[i].member == member {
            let text = document.text(document.values[i])
            if let vocabulary {
                vocabulary.forEachTerm(text, &tokens) { add($0, to: documentNumber, &count) }
            } else {
                rule.forEachTerm(text) { add($0, to: documentNumber, &count) }
            }
        }
        forward.endDocument()
        if count > 0 { documentCount += 1 }
    }

    /// Appends a term to a document unless it has the term already.
    private func add(_ value: UnsafeBufferPointer<UInt8>, to document: UInt32, _ count: inout UInt32) {
        guard let start = value.baseAddress else { return }
        let term = Int(lexicon.intern(start, value.count, hash: hash64(start, value.count)))
        if term == lastDocuments.count {
            lastDocuments.append(document)
        } else if lastDocuments[term] == document {
            return
        } else {
            lastDocuments[term] = document
        }
        forward.append(UInt32(term), position: count)
        count += 1
    }

    /// Writes terms, postings and, except for the key, the ordinal column.
    func write(to segment: SegmentWriter, field: Int) throws(IndexError) -> FieldStatistics {
        let inversion = Inversion(forward, lexicon)
        var terms = TermDictionaryWriter(hasPositions: false)
        let stream = try segment.stream(.postings, field: field)
        var postings = PostingsWriter(stream, norms: nil)
        var ordinalOfTerm = GrowableBuffer<UInt32>(capacity: lexicon.count + 1)
        ordinalOfTerm.append(repeating: 0, count: lexicon.count)
        for ordinal in 0..<inversion.order.count {
            let term = Int(inversion.order[ordinal])
            ordinalOfTerm[term] = UInt32(ordinal)
            postings.begin()
            for occurrence in inversion.occurrences(ordinal) {
                postings.append(document: UInt32(truncatingIfNeeded: occurrence &>> 32), frequency: 1)
            }
            terms.append(lexicon.term(term), try postings.end())
        }
        var statistics = FieldStatistics(documentCount: documentCount, tokenCount: forward.tokenCount)
        statistics.postingCount = forward.tokenCount
        statistics.termCount = terms.count
        segment.end(stream)
        try terms.finish(segment, field: field)
        switch complement {
        case .column: try writeColumn(to: segment, field: field, ordinalOfTerm)
        case .keyFilter: try segment.section(.keyFilter, field: field, keyFilter())
        // The number of documents with a word is not kept by merges, and nothing needs it.
        case .nothing: statistics.documentCount = forward.documentEnds.count
        }
        return statistics
    }

    /// Returns the filter of all keys.
    private func keyFilter() -> GrowableBuffer<UInt8> {
        var filter = KeyFilterWriter(keys: lexicon.count)
        for id in 0..<lexicon.count {
            let key = lexicon.term(id)
            filter.insert(hash64(key.baseAddress!, key.count))
        }
        return filter.finish()
    }

    /// Writes the ordinal column, the ordinals of each document ascending.
    private func writeColumn(
        to segment: SegmentWriter, field: Int, _ ordinalOfTerm: borrowing GrowableBuffer<UInt32>
    ) throws(IndexError) {
        var starts = GrowableBuffer<UInt64>(capacity: forward.documentEnds.count + 1)
        var ordinals = GrowableBuffer<UInt64>(capacity: forward.entries.count + 1)
        starts.append(0)
        var i = 0
        for document in 0..<forward.documentEnds.count {
            let first = ordinals.count
            while i < Int(forward.documentEnds[document]) {
                ordinals.append(UInt64(ordinalOfTerm[Int(forward.entries[i])]))
                i += 1
            }
            let count = ordinals.count - first
            var documentOrdinals = UnsafeMutableBufferPointer(start: ordinals.base + first, count: count)
            documentOrdinals.sort()
            starts.append(UInt64(ordinals.count))
        }
        let bytes = OrdinalColumn.encode(starts: starts, ordinals: ordinals, multiple: isMultiple)
        try segment.section(.ordinals, field: field, bytes)
    }
}

/// The buffer of a number field, or of the documents' versions, in the segment being built.
///
/// Shape: one sort key and one presence flag per document; 25 bytes per document cover the encoding at the flush.
final class NumberFieldBuffer {
    private let codec: NumberCodec
    private var keys = GrowableBuffer<UInt64>(capacity: 1 << 8)
    private var isPresent = GrowableBuffer<Bool>(capacity: 1 << 8)
    private var documentCount = 0

    /// Creates an empty buffer.
    init(_ codec: NumberCodec) { self.codec = codec }

    /// Bytes of memory in use and needed to flush.
    var byteCount: Int { keys.count * 25 + isPresent.count }

    /// Appends the next document with its first value of one member, or without one.
    func add(_ document: borrowing DocumentBuffer, member: UInt32) {
        for i in 0..<document.values.count where document.values[i].member == member {
            return add(codec.key(document.values[i], document))
        }
        add(nil)
    }

    /// Appends the next document with its sort key, or without one.
    func add(_ key: UInt64?) {
        keys.append(key ?? 0)
        isPresent.append(key != nil)
        if key != nil { documentCount += 1 }
    }

    /// Returns the sort key of a document; nil when it has none.
    func key(_ document: Int) -> UInt64? { isPresent[document] ? keys[document] : nil }

    /// Writes the column and returns the statistics of the field. Errors: `storage`.
    func write(
        to segment: SegmentWriter, _ kind: SectionKind = .numbers, field: Int
    ) throws(IndexError) -> FieldStatistics {
        let bytes = NumberColumn.encode(keys: keys, isPresent: isPresent)
        try segment.section(kind, field: field, bytes)
        return FieldStatistics(documentCount: documentCount, tokenCount: documentCount)
    }
}
