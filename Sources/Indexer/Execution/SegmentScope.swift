import Kernels

/// What the streams of one segment share: the size of windows, scratch memory, word of damage.
final class SegmentScope {
    /// Documents of the segment.
    let documents: Int
    /// Documents in a window: a power of two, 4,096 to 65,536.
    private(set) var windowSize = 4096
    /// Words of a window's bits.
    private(set) var words = 64
    private var noted: SectionKind?
    private var lent: [StreamMemory] = []
    private var lentToPhrases: [PhraseMemory] = []
    private let scratch: Scratch

    init(documents: Int, _ scratch: Scratch = Scratch()) {
        self.documents = documents
        self.scratch = scratch
    }

    deinit {
        for memory in lent { memory.cursor.deinitialize(count: 1) }
        scratch.streams.append(contentsOf: lent)
        scratch.phrases.append(contentsOf: lentToPhrases)
    }

    /// Memory of a phrase's stream, which lives as long as the scope.
    func phraseMemory() -> PhraseMemory {
        let memory = scratch.phrases.popLast() ?? PhraseMemory()
        lentToPhrases.append(memory)
        return memory
    }

    /// Memory of a term's stream with a cursor in it, which live as long as the scope.
    func streamMemory(_ list: PostingsList, positions: Bool) -> StreamMemory {
        let memory = scratch.streams.popLast() ?? StreamMemory()
        memory.cursor.initialize(to: PostingsCursor(list, positions: positions, memory: memory.block))
        lent.append(memory)
        return memory
    }

    /// Takes word of damage.
    func note(_ section: SectionKind) { noted = section }

    /// Where a list turned out to be damaged: streams end early, and the search throws instead of answering.
    var damaged: SectionKind? { noted ?? (lent.contains { $0.cursor.pointee.failed } ? .postings : nil) }

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
        words = windowSize / 64
    }

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
