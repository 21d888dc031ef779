import Segments
import Testing

@testable import Searching

@Suite struct ScratchTests {
    /// Calls `body` with `depth` candidate lists, bit sets and sums lent at a time.
    private func nest(_ depth: Int, _ scope: SegmentScope, _ body: () -> Void) {
        if depth == 0 { return body() }
        scope.withList { _ in scope.withBits { _ in scope.withSums { _ in nest(depth - 1, scope, body) } } }
    }

    /// Memory of a search with many nested operators is freed, that of most searches is kept.
    @Test func unusualSearchesDoNotPinMemory() {
        let scratch = Scratch()
        var isReached = false
        nest(200, SegmentScope(documents: 100_000, scratch)) { isReached = true }
        #expect(isReached)
        #expect(scratch.lists.count == 200)
        scratch.trim()
        #expect(scratch.lists.count == 12)
        #expect(scratch.bits.count == 16)
        #expect(scratch.sums.count == 4)
        let (list, bits, sums) = (scratch.lists[0], scratch.bits[0], scratch.sums[0])
        nest(4, SegmentScope(documents: 100_000, scratch)) {}
        scratch.trim()
        #expect(scratch.lists.contains { $0 === list })
        #expect(scratch.bits.contains(bits))
        #expect(scratch.sums.contains(sums))
    }

    /// The bounds of many long lists are freed, those of a few are kept.
    @Test func boundsOfLongListsAreFreed() {
        let scratch = Scratch()
        for _ in 0..<64 {
            let memory = StreamMemory()
            memory.bounds(50_000)[49_999] = 1
            scratch.streams.append(memory)
        }
        scratch.trim()
        #expect(scratch.streams.count == 64)
        #expect(scratch.streams.map(\.boundByteCount).reduce(0, +) <= 1 << 20 + 64 * 4)
        #expect(scratch.streams.prefix(5).allSatisfy { $0.boundByteCount >= 200_000 })
        // Room is made again where it is needed.
        let last = scratch.streams[63].bounds(50_000)
        last[49_999] = 2
        #expect(last[49_999] == 2)
    }
}
