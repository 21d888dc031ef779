import Kernels

/// A posting list in mapped bytes: where its blocks are, and how to decode one.
///
/// Decoding is safe on any bytes: what does not fit into the sections, or names a document the segment does not have,
/// is answered by nil.
struct PostingsList {
    let info: TermInfo
    let blockCount: Int
    private let hasPositions: Bool
    private let documents: UInt32
    private let postings: UnsafeRawBufferPointer
    private let positions: UnsafeRawBufferPointer
    /// Where the blocks begin, after the skip table.
    private let dataOffset: Int

    /// Nil when the list does not lie inside its section.
    init?(
        _ info: TermInfo, hasPositions: Bool, documents: Int, postings: UnsafeRawBufferPointer,
        positions: UnsafeRawBufferPointer
    ) {
        self.info = info
        self.hasPositions = hasPositions
        self.documents = UInt32(documents)
        self.postings = postings
        self.positions = positions
        guard info.documentFrequency >= 1, info.documentFrequency <= documents else { return nil }
        blockCount = (info.documentFrequency + PostingsFormat.blockSize - 1) / PostingsFormat.blockSize
        let skipBytes = blockCount > 1 ? blockCount * (hasPositions ? 12 : 8) : 0
        dataOffset = info.postingsOffset + skipBytes
        if info.documentFrequency > 1, dataOffset > postings.count { return nil }
    }

    /// Documents in a block.
    func count(_ block: Int) -> Int {
        min(PostingsFormat.blockSize, info.documentFrequency - block * PostingsFormat.blockSize)
    }

    /// The last document of a block. Only lists of several blocks have a skip table to ask.
    @inline(__always)
    func lastDocument(_ block: Int) -> UInt32 {
        postings.loadUnaligned(fromByteOffset: info.postingsOffset &+ block &* 4, as: UInt32.self)
    }

    private func skipEntry(_ table: Int, _ block: Int) -> Int {
        let at = info.postingsOffset + (table * blockCount + block) * 4
        return Int(postings.loadUnaligned(fromByteOffset: at, as: UInt32.self))
    }

    /// The first block at or after `from` that may hold `target` or a later document; `blockCount` when none does.
    ///
    /// Complexity: O(log distance), by doubling steps.
    func block(from: Int, reaching target: UInt32) -> Int {
        guard blockCount > 1 else { return from }
        var low = from
        var step = 1
        while low &+ step < blockCount, lastDocument(low &+ step &- 1) < target {
            low &+= step
            step &*= 2
        }
        var high = min(low &+ step, blockCount)
        while low < high {
            let middle = (low &+ high) / 2
            if lastDocument(middle) < target { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// Decodes a block's documents and, when wanted, its frequencies; answers how many, or nil for damaged bytes.
    ///
    /// Shape: both buffers have room for 256 values.
    func decode(
        _ block: Int, documents out: UnsafeMutablePointer<UInt32>, frequencies: UnsafeMutablePointer<UInt32>?
    ) -> Int? {
        if info.documentFrequency == 1 {
            out[0] = info.singleDocument
            frequencies?[0] = UInt32(truncatingIfNeeded: info.totalFrequency)
            return info.singleDocument < documents ? 1 : nil
        }
        let count = count(block)
        let at = dataOffset + (blockCount > 1 ? skipEntry(1, block) : 0)
        let head = hasPositions ? 2 : 1
        guard at + head <= postings.count else { return nil }
        let gapWidth = Int(postings[at])
        let frequencyWidth = hasPositions ? Int(postings[at + 1]) : 0
        let gapBytes = packedByteCount(count, width: gapWidth)
        let bytes = gapBytes + packedByteCount(count, width: frequencyWidth)
        guard gapWidth <= 32, frequencyWidth <= 32, at + head + bytes <= postings.count else { return nil }
        let start = postings.baseAddress! + at + head
        unpack32(start, count: count, width: gapWidth, into: out)
        var last: UInt64 = block == 0 ? .max : UInt64(lastDocument(block - 1))
        for i in 0..<count {
            last = last &+ UInt64(out[i]) &+ 1
            out[i] = UInt32(truncatingIfNeeded: last)
        }
        guard last < UInt64(documents), blockCount == 1 || last == UInt64(lastDocument(block)) else { return nil }
        if let frequencies {
            unpack32(start + gapBytes, count: count, width: frequencyWidth, into: frequencies)
            for i in 0..<count { frequencies[i] &+= 1 }
        }
        return count
    }

    /// Decodes the position differences of a block into `out`; false for damaged bytes.
    ///
    /// `total` is the sum of the block's frequencies.
    func decodePositions(_ block: Int, total: Int, into out: inout GrowableBuffer<UInt32>) -> Bool {
        out.removeAll()
        if info.totalFrequency == 1 {
            out.append(info.singlePosition)
            return total == 1
        }
        let at = info.positionsOffset + (blockCount > 1 ? skipEntry(2, block) : 0)
        guard at < positions.count, total <= positions.count * 8 + info.documentFrequency * 256 else { return false }
        let width = Int(positions[at])
        guard width <= 32, at + 1 + packedByteCount(total, width: width) <= positions.count else { return false }
        out.reserve(total)
        unpack32(positions.baseAddress! + at + 1, count: total, width: width, into: out.base)
        out.count = total
        return true
    }
}
