import Segments

/// The state that the streams of one search share in a segment: the window size, scratch memory and the corruption
/// flag.
///
/// Not thread-safe. Memory of term and phrase streams lives as long as the scope; bits, lists and sums are lent for the
/// duration of a closure and may nest.
final class SegmentScope {
    /// The number of documents of the segment, deleted ones included.
    let documents: Int
    /// The number of documents of a window: a power of two, 4,096 to 65,536.
    private(set) var windowSize = 4096
    /// The number of 64-bit words of a window's bits; fewer than `windowSize / 64` if the segment is smaller than a
    /// window.
    private(set) var words = 64
    /// The section of a field that a stream recorded as corrupt.
    private var recordedCorruption: (section: SectionKind, field: Int)?
    /// The numbers of the scratch's stream and phrase memories that are in use.
    private var usedStreams = 0
    private var usedPhrases = 0
    private let scratch: Scratch

    /// A scope for a segment of `documents` documents. A scratch must serve only one scope at a time.
    init(documents: Int, _ scratch: Scratch = Scratch()) {
        self.documents = documents
        self.scratch = scratch
        setWords()
    }

    deinit {
        for i in 0..<usedStreams { scratch.streams[i].cursor.deinitialize(count: 1) }
    }

    /// The memory of a phrase stream; it lives as long as the scope.
    func phraseMemory() -> PhraseMemory {
        if usedPhrases == scratch.phrases.count { scratch.phrases.append(PhraseMemory()) }
        usedPhrases += 1
        return scratch.phrases[usedPhrases - 1]
    }

    /// The memory of a term stream, with a cursor over a `list` of `field` in it; both live as long as the scope.
    func streamMemory(_ list: PostingsList, field: Int, positions: Bool) -> StreamMemory {
        if usedStreams == scratch.streams.count { scratch.streams.append(StreamMemory()) }
        let memory = scratch.streams[usedStreams]
        usedStreams += 1
        memory.field = field
        memory.cursor.initialize(to: PostingsCursor(list, positions: positions, memory: memory.block))
        return memory
    }

    /// Records that a section of a field turned out to be corrupt.
    func recordCorruption(in section: SectionKind, field: Int) { recordedCorruption = (section, field) }

    /// The section of a field in which a list turned out to be corrupt; nil if none did. Streams of such lists end
    /// early, so the search must check this after the segment and throw. Complexity: O(term streams).
    var corruption: (section: SectionKind, field: Int)? {
        if let recordedCorruption { return recordedCorruption }
        return scratch.streams[..<usedStreams].first { $0.cursor.pointee.failed }.map { (.postings, $0.field) }
    }

    /// The size of the largest window: offsets in it have 16 bits.
    static let widestWindow = 1 << 16
    /// The size of the largest window whose scores may be summed up, which needs 128 KB of sums.
    static let widestSums = 1 << 14

    /// Chooses the smallest window size with on average `matches` of a stream's `cost` documents, at most `widest`. To
    /// be called before the first window.
    ///
    /// A window costs each clause 50-100 ns whatever it contains, so windows of rare terms are larger. Small windows
    /// have tighter bounds.
    func chooseWindow(cost: Int, matches: Int, widest: Int) {
        windowSize = 4096
        while windowSize < widest, cost * windowSize < documents * matches { windowSize *= 4 }
        setWords()
    }

    private func setWords() { words = min(windowSize, (documents + 63) & ~63) / 64 }

    /// The start of the window that contains a document.
    @inline(__always)
    func window(of document: UInt32) -> Int { Int(document) & ~(windowSize &- 1) }

    /// Lends the bits of a window, all 0.
    @inline(__always)
    func withBits<Result>(_ body: (UnsafeMutablePointer<UInt64>) -> Result) -> Result {
        let bits = scratch.bits.popLast() ?? .allocate(capacity: Self.widestWindow / 64)
        defer { scratch.bits.append(bits) }
        bits.update(repeating: 0, count: words)
        return body(bits)
    }

    /// Lends an empty candidate list.
    @inline(__always)
    func withList<Result>(_ body: (CandidateList) -> Result) -> Result {
        let list = scratch.lists.popLast() ?? CandidateList(Self.widestWindow)
        defer { scratch.lists.append(list) }
        list.count = 0
        return body(list)
    }

    /// Lends `widestSums` score sums that are 0. They must be 0 again when `body` returns: `CandidateList.fill` resets
    /// those it reads.
    @inline(__always)
    func withSums(_ body: (UnsafeMutablePointer<Double>) -> Void) {
        let sums = scratch.sums.popLast() ?? Self.zeroSums()
        body(sums)
        scratch.sums.append(sums)
    }

    private static func zeroSums() -> UnsafeMutablePointer<Double> {
        let sums = UnsafeMutablePointer<Double>.allocate(capacity: widestSums)
        sums.update(repeating: 0, count: widestSums)
        return sums
    }
}
