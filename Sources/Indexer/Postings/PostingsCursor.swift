import Kernels

/// Walks a posting list by document, forwards.
///
/// Shape: the current block is decoded into buffers of 256; `index` is the current entry in it. A cursor over damaged
/// bytes ends early and has `failed` set.
struct PostingsCursor: ~Copyable {
    let list: PostingsList
    private let wantsFrequencies: Bool
    let documents: UnsafeMutablePointer<UInt32>
    let frequencies: UnsafeMutablePointer<UInt32>
    private(set) var block = -1
    private(set) var count = 0
    var index = 0
    private(set) var failed = false
    private var positions = GrowableBuffer<UInt32>(capacity: 16)
    private var positionsBlock = -1
    /// Entry and offset up to which position counts of this block were summed.
    private var summedIndex = 0
    private var summedOffset = 0

    init(_ list: PostingsList, frequencies wanted: Bool) {
        self.list = list
        wantsFrequencies = wanted
        documents = .allocate(capacity: PostingsFormat.blockSize * 2)
        frequencies = documents + PostingsFormat.blockSize
    }

    deinit { documents.deallocate() }

    /// The current document; `UInt32.max` behind the last and before the first step.
    @inline(__always)
    var document: UInt32 { index < count ? documents[index] : .max }

    /// Makes `wanted` the current block, standing at its first entry.
    private mutating func load(_ wanted: Int) {
        block = wanted
        index = 0
        count = 0
        guard wanted < list.blockCount else { return }
        if let n = list.decode(wanted, documents: documents, frequencies: wantsFrequencies ? frequencies : nil) {
            count = n
        } else {
            failed = true
            block = list.blockCount
        }
    }

    /// Moves to the first document at or after `target` and answers it. Never moves back.
    @inline(__always)
    mutating func advance(to target: UInt32) -> UInt32 {
        if block < 0 || count == 0 || documents[count &- 1] < target { seekBlock(target) }
        while index < count, documents[index] < target { index &+= 1 }
        return document
    }

    private mutating func seekBlock(_ target: UInt32) {
        if block >= list.blockCount { return }
        let start = max(block, 0)
        var next = list.block(from: start, reaching: target)
        if next == block { next += 1 }
        load(next)
        if count > 0, documents[count - 1] < target { load(list.blockCount) }
    }

    /// Steps to the next block, for consumers that take blocks as a whole; false behind the last.
    mutating func nextBlock() -> Bool {
        if block < list.blockCount { load(block + 1) }
        return count > 0
    }

    /// The positions of the current document, ascending, written to `out`.
    ///
    /// Complexity: decodes the block's positions once; later documents of the block only sum what lies between.
    mutating func readPositions(into out: inout GrowableBuffer<UInt32>) {
        if positionsBlock != block {
            var total = 0
            for i in 0..<count { total &+= Int(frequencies[i]) }
            if !list.decodePositions(block, total: total, into: &positions) { failed = true }
            positionsBlock = block
            summedIndex = 0
            summedOffset = 0
        }
        while summedIndex < index {
            summedOffset &+= Int(frequencies[summedIndex])
            summedIndex &+= 1
        }
        out.removeAll()
        let n = Int(frequencies[index])
        guard summedOffset &+ n <= positions.count else {
            failed = true
            return
        }
        var position: UInt32 = 0
        for i in 0..<n {
            position &+= positions.base[summedOffset &+ i]
            out.append(position)
        }
    }
}
