import Kernels

/// The memory of one search.
final class Scratch: @unchecked Sendable {
    /// Used by one search at a time; between searches nobody does.
    var bits: [UnsafeMutablePointer<UInt64>] = []
    var lists: [CandidateList] = []
    var sums: [UnsafeMutablePointer<Double>] = []
    var streams: [StreamMemory] = []
    var phrases: [PhraseMemory] = []
    /// Bits of whole segments, counts of whole dictionaries.
    var runs: [RunMemory] = []

    /// Lends a run of bytes; give it back to `runs`.
    func run() -> RunMemory { runs.popLast() ?? RunMemory() }

    /// Frees the memory of all but the first terms and phrases, and what is large.
    func trim() {
        runs.removeAll { $0.byteCount > Self.longestRun }
        if runs.count > Self.keptRuns { runs.removeLast(runs.count - Self.keptRuns) }
        if streams.count > Self.kept { streams.removeLast(streams.count - Self.kept) }
        if phrases.count > Self.kept { phrases.removeLast(phrases.count - Self.kept) }
    }

    private static let kept = 64
    private static let keptRuns = 8
    private static let longestRun = 1 << 20

    deinit {
        for bits in bits { bits.deallocate() }
        for sums in sums { sums.deallocate() }
    }
}

/// The memory of one term's stream.
final class StreamMemory {
    /// Behind a pointer, because reaching into a property of a class may cost an exclusivity check each time.
    /// Initialised while it is lent.
    let cursor: UnsafeMutablePointer<PostingsCursor> = .allocate(capacity: 1)
    let block = BlockMemory()
    /// Scores of one block, by slot.
    let scores: UnsafeMutablePointer<Float> = .allocate(capacity: PostingsFormat.blockSize)
    private var blockBounds = GrowableBuffer<Float>(capacity: 64)

    deinit {
        cursor.deallocate()
        scores.deallocate()
    }

    /// Room for the bounds of that many blocks.
    func bounds(_ blocks: Int) -> UnsafeMutablePointer<Float> {
        blockBounds.reserve(blocks)
        return blockBounds.base
    }
}

/// The memory of one phrase's stream.
final class PhraseMemory {
    /// Where the phrase may begin in a document, and the positions of one of its terms.
    var starts = GrowableBuffer<UInt32>(capacity: 64)
    var positions = GrowableBuffer<UInt32>(capacity: 64)
    private var placeBuffer = GrowableBuffer<PhrasePlace>(capacity: 8)

    /// Room for the places of that many terms.
    func places(_ terms: Int) -> UnsafeMutablePointer<PhrasePlace> {
        placeBuffer.reserve(terms)
        return placeBuffer.base
    }
}

/// Where a term of a phrase is in a document.
struct PhrasePlace {
    var cursor: UnsafeMutablePointer<PostingsCursor>
    /// Its place in the phrase, counted from the first.
    var offset: UInt32
    /// The slot of the current document in its block.
    var slot: Int
}
