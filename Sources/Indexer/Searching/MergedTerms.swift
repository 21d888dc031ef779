import Kernels

/// Walks the terms of a field that begin with some bytes, of all segments, ascending.
struct MergedTerms {
    private var cursors: [SegmentTerms] = []
    /// The current term.
    private(set) var term: [UInt8] = []
    /// What each segment that has it knows of it, by the segment's number.
    private(set) var infos: [(segment: Int, TermInfo)] = []

    /// Stands before the first.
    init(_ reader: IndexReader, _ field: Int, beginning: [UInt8]) throws(IndexError) {
        for (number, segment) in reader.segments.enumerated() {
            guard let terms = try segment.terms(field) else { continue }
            let cursor = SegmentTerms(number, segment, field, terms, beginning)
            if try cursor.begin() { cursors.append(cursor) }
        }
    }

    /// Steps to the next term; false behind the last. Complexity: O(segments).
    ///
    /// Errors: `corrupt`.
    mutating func step() throws(IndexError) -> Bool {
        infos.removeAll(keepingCapacity: true)
        guard var first = cursors.first else { return false }
        for cursor in cursors.dropFirst() where cursor.precedes(first) { first = cursor }
        term.removeAll(keepingCapacity: true)
        term.append(contentsOf: first.term)
        var isAtEnd = false
        for cursor in cursors where cursor.term.elementsEqual(term) {
            infos.append((cursor.number, cursor.info))
            if try !cursor.step() { isAtEnd = true }
        }
        if isAtEnd { cursors.removeAll(where: \.isAtEnd) }
        return true
    }
}

/// The terms of one segment on the way.
private final class SegmentTerms {
    let number: Int
    private let segment: SegmentReader
    private let field: Int
    private let beginning: [UInt8]
    private var cursor: TermCursor
    private(set) var isAtEnd = false

    init(_ number: Int, _ segment: SegmentReader, _ field: Int, _ terms: TermDictionary, _ beginning: [UInt8]) {
        self.number = number
        self.segment = segment
        self.field = field
        self.beginning = beginning
        cursor = TermCursor(terms)
    }

    var term: UnsafeBufferPointer<UInt8> { cursor.term }
    var info: TermInfo { cursor.info }

    func precedes(_ other: SegmentTerms) -> Bool { Indexer.precedes(term, other.term) }

    /// Goes to the first term with the beginning.
    func begin() throws(IndexError) -> Bool { try settle(beginning.withUnsafeBufferPointer { cursor.seek($0) }) }

    func step() throws(IndexError) -> Bool { try settle(cursor.next()) }

    private func settle(_ isThere: Bool) throws(IndexError) -> Bool {
        if cursor.failed { throw segment.corrupt(.termBlocks, field, 0, "a block of terms cannot be decoded") }
        isAtEnd = !isThere || !cursor.term.starts(with: beginning)
        return !isAtEnd
    }
}
