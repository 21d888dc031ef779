import Kernels

/// What the streams of one segment share: the size of windows, scratch memory, word of damage.
final class SegmentScope {
    /// Documents of the segment.
    let documents: Int
    /// Documents in a window: a power of two, 4,096 to 65,536.
    private(set) var windowSize = 4096
    /// Words of a window's bits: those of a segment that is smaller end with it.
    private(set) var words = 64
    private var noted: SectionKind?
    /// How many of the scratch's memories are in use.
    private var usedStreams = 0
    private var usedPhrases = 0
    private let scratch: Scratch

    /// A scratch serves one scope at a time.
    init(documents: Int, _ scratch: Scratch = Scratch()) {
        self.documents = documents
        self.scratch = scratch
        setWords()
    }

    deinit {
        for i in 0..<usedStreams { scratch.streams[i].cursor.deinitialize(count: 1) }
    }

    /// Memory of a phrase's stream, which lives as long as the scope.
    func phraseMemory() -> PhraseMemory {
        if usedPhrases == scratch.phrases.count { scratch.phrases.append(PhraseMemory()) }
        usedPhrases += 1
        return scratch.phrases[usedPhrases - 1]
    }

    /// Memory of a term's stream with a cursor in it, which live as long as the scope.
    func streamMemory(_ list: PostingsList, positions: Bool) -> StreamMemory {
        if usedStreams == scratch.streams.count { scratch.streams.append(StreamMemory()) }
        let memory = scratch.streams[usedStreams]
        usedStreams += 1
        memory.cursor.initialize(to: PostingsCursor(list, positions: positions, memory: memory.block))
        return memory
    }

    /// Takes word of damage.
    func note(_ section: SectionKind) { noted = section }

    /// Where a list turned out to be damaged: streams end early, and the search throws instead of answering.
    var damaged: SectionKind? {
        noted ?? (scratch.streams[..<usedStreams].contains { $0.cursor.pointee.failed } ? .postings : nil)
    }

    /// Documents in the largest window there is: places in it are 16 bits wide.
    static let widestWindow = 1 << 16
    /// Documents in the largest window whose scores may be summed up: 128 KB of sums.
    static let widestSums = 1 << 14

    /// Makes windows so wide that one has `wanted` of a stream's `cost` documents, at most `widest`; to be called
    /// before the first window.
    ///
    /// A window costs each clause 50-100 ns whatever is in it, so the windows of rare terms are larger. Small ones have
    /// tighter bounds.
    func chooseWindow(cost: Int, wanted: Int, widest: Int) {
        windowSize = 4096
        while windowSize < widest, cost * windowSize < documents * wanted { windowSize *= 4 }
        setWords()
    }

    private func setWords() { words = min(windowSize, (documents + 63) & ~63) / 64 }

    /// The start of the window a document lies in.
    @inline(__always)
    func window(of document: UInt32) -> Int { Int(document) & ~(windowSize &- 1) }

    /// Lends the cleared bits of a window.
    @inline(__always)
    func withBits(_ body: (UnsafeMutablePointer<UInt64>) -> Void) {
        let bits = scratch.bits.popLast() ?? .allocate(capacity: Self.widestWindow / 64)
        bits.update(repeating: 0, count: words)
        body(bits)
        scratch.bits.append(bits)
    }

    /// Lends an empty list.
    @inline(__always)
    func withList(_ body: (CandidateList) -> Void) {
        let list = scratch.lists.popLast() ?? CandidateList(Self.widestWindow)
        list.count = 0
        body(list)
        scratch.lists.append(list)
    }

    /// Lends sums that are zero; they must be zero when given back.
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
