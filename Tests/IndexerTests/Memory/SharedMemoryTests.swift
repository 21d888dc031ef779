import Testing

@testable import Indexer

@Suite struct SharedMemoryTests {
    @Test func takesUpToTheLimit() {
        let memory = SharedMemory(limit: 100)
        #expect(memory.take(60))
        #expect(!memory.take(41))
        #expect(memory.take(40))
        memory.takeAnyway(10)
        #expect(memory.bytes == 110)
        memory.release(70)
        #expect(memory.take(60))
        #expect(memory.bytes == 100)
    }

    /// Those that have much are told to free it, and those that have little go on.
    @Test func largeSharesAreFreedAtTheLimit() {
        let mega = 1 << 20
        let memory = SharedMemory(limit: 64 * mega)
        do {
            var first = SharedMemory.Share(of: memory)
            var second = SharedMemory.Share(of: memory)
            var third = SharedMemory.Share(of: memory)
            // The limit is reached by the last of these; a third of it would be everybody's.
            let isTooMuch = [
                first.set(40 * mega), second.set(20 * mega), third.set(3 * mega), third.set(5 * mega),
                second.set(20 * mega), first.set(40 * mega), first.set(0), second.set(20 * mega),
            ]
            #expect(isTooMuch == [false, false, false, false, true, true, false, false])
            #expect(memory.bytes == 25 * mega)
        }
        #expect(memory.bytes == 0)
        var alone = SharedMemory.Share(of: memory)
        let isTooMuch = [alone.set(64 * mega - 1), alone.set(64 * mega)]
        #expect(isTooMuch == [false, true])
    }

    /// Very many writers do not make each other write tiny segments.
    @Test func smallSharesAreNeverFreed() {
        let memory = SharedMemory(limit: 16 << 20)
        memory.takeAnyway(1 << 30)
        var share = SharedMemory.Share(of: memory)
        let isTooMuch = [
            share.set(1), share.set(1 << 20), share.set(SharedMemory.leastShare - 1), share.set(8 << 20),
        ]
        #expect(isTooMuch == [false, false, false, true])
    }
}
