import Segments

/// The terms with a prefix of one field of one segment, ascending by their bytes, as a source of a merge.
final class SegmentTerms: TermSource {
    /// The index of the segment in its reader.
    let segmentIndex: Int
    private let segment: SegmentReader
    private let field: Int
    private let prefix: [UInt8]
    private var cursor: TermCursor
    private var hasBegun = false

    init(_ segmentIndex: Int, _ segment: SegmentReader, _ field: Int, _ terms: TermDictionary, prefix: [UInt8]) {
        self.segmentIndex = segmentIndex
        self.segment = segment
        self.field = field
        self.prefix = prefix
        cursor = TermCursor(terms)
    }

    var term: UnsafeBufferPointer<UInt8> { cursor.term }
    /// The frequency and the postings of the current term.
    var info: TermInfo { cursor.info }

    /// Moves to the next term, at first to the first one; returns false after the last term with the prefix.
    func step() throws(IndexError) -> Bool {
        let hasTerm = hasBegun ? cursor.next() : prefix.withUnsafeBufferPointer { cursor.seek($0) }
        hasBegun = true
        if cursor.failed { throw segment.corrupt(.termBlocks, field) }
        return hasTerm && cursor.term.starts(with: prefix)
    }
}
