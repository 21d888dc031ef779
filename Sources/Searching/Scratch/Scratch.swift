import Kernels
import Segments

/// The working memory of one search, reused by later searches through `ScratchPool`.
///
/// `SegmentScope` lends most of it to operators. Unchecked `Sendable` because exactly one search uses a scratch at a
/// time, and none does while it is in the pool.
final class Scratch: @unchecked Sendable {
    /// Free bit sets of a window; `SegmentScope.withBits` lends them.
    var bits: [UnsafeMutablePointer<UInt64>] = []
    /// Free candidate lists; `SegmentScope.withList` lends them.
    var lists: [CandidateList] = []
    /// Free score sums of a window, all zero; `SegmentScope.withSums` lends them.
    var sums: [UnsafeMutablePointer<Double>] = []
    /// Memory of term streams; a scope uses the first few.
    var streams: [StreamMemory] = []
    /// Memory of phrase streams; a scope uses the first few.
    var phrases: [PhraseMemory] = []
    /// Free byte runs for the bits of whole segments and the counts of whole dictionaries.
    var runs: [ReusableBytes] = []

    /// Lends a run of bytes with arbitrary content; append it to `runs` when it is no longer used.
    func run() -> ReusableBytes { runs.popLast() ?? ReusableBytes() }

    /// Frees what few searches need, so that one unusual search does not pin its memory in the pool: all but a few of
    /// each kind, runs of more than 1 MB, and block bounds beyond 1 MB in all.
    func trim() {
        while bits.count > Self.maxBits { bits.removeLast().deallocate() }
        while sums.count > Self.maxSums { sums.removeLast().deallocate() }
        if lists.count > Self.maxLists { lists.removeLast(lists.count - Self.maxLists) }
        runs.removeAll { $0.byteCount > Self.maxRunBytes }
        if runs.count > Self.maxRuns { runs.removeLast(runs.count - Self.maxRuns) }
        if streams.count > Self.maxStreams { streams.removeLast(streams.count - Self.maxStreams) }
        if phrases.count > Self.maxStreams { phrases.removeLast(phrases.count - Self.maxStreams) }
        var boundBytes = 0
        for stream in streams {
            if boundBytes + stream.boundByteCount > Self.maxBoundBytes { stream.dropBounds() }
            boundBytes += stream.boundByteCount
        }
    }

    // Nested operators hold several of these at a time: 8 KB, 640 KB and 128 KB each.
    private static let maxBits = 16
    private static let maxLists = 12
    private static let maxSums = 4
    private static let maxStreams = 64
    private static let maxRuns = 8
    private static let maxRunBytes = 1 << 20
    /// The maximum for all streams together: the bounds of 67 million postings.
    private static let maxBoundBytes = 1 << 20

    deinit {
        for bits in bits { bits.deallocate() }
        for sums in sums { sums.deallocate() }
    }
}

/// The memory of one `TermStream`: its cursor, a decoded block and the scores of that block.
final class StreamMemory {
    /// The cursor, initialized only while a scope lends the memory.
    ///
    /// It is held by pointer because access to a stored property of a class may cost an exclusivity check each time.
    let cursor: UnsafeMutablePointer<PostingsCursor> = .allocate(capacity: 1)
    /// The index of the field that the cursor's list belongs to.
    var field = 0
    /// The decoded block that the cursor stands in.
    let block = BlockMemory()
    /// The scores of one block, by slot.
    let scores: UnsafeMutablePointer<Float> = .allocate(capacity: PostingsFormat.blockSize)
    private var blockBounds = GrowableBuffer<Float>(capacity: 64)

    deinit {
        cursor.deallocate()
        scores.deallocate()
    }

    /// Room for the score bounds of `blocks` blocks, with arbitrary content; valid until the next call.
    func bounds(_ blocks: Int) -> UnsafeMutablePointer<Float> {
        blockBounds.reserve(blocks)
        return blockBounds.base
    }

    /// The number of bytes of the room for bounds.
    var boundByteCount: Int { blockBounds.capacity * MemoryLayout<Float>.stride }

    /// Frees the room for bounds.
    func dropBounds() { blockBounds.release() }
}

/// The memory of one `PhraseStream`.
final class PhraseMemory {
    /// The positions at which the phrase may begin in the current document, ascending.
    var starts = GrowableBuffer<UInt32>(capacity: 64)
    /// The positions of one of its terms in the current document, ascending.
    var positions = GrowableBuffer<UInt32>(capacity: 64)
    private var termBuffer = GrowableBuffer<PhraseTermState>(capacity: 8)

    /// Room for the states of `count` terms, with arbitrary content; valid until the next call.
    func terms(_ count: Int) -> UnsafeMutablePointer<PhraseTermState> {
        termBuffer.reserve(count)
        return termBuffer.base
    }
}

/// The state of one term of a phrase while a document is examined.
struct PhraseTermState {
    /// The term's cursor, owned by its stream.
    var cursor: UnsafeMutablePointer<PostingsCursor>
    /// The term's position in the phrase, relative to the first term.
    var offset: UInt32
    /// The slot of the current document in the cursor's block; negative when the document does not have the term.
    var slot: Int
}
