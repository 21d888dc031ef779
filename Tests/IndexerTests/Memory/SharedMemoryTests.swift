import Testing

@testable import Indexer

@Suite struct SharedMemoryTests {
    private static let mega = 1 << 20

    /// Sets the size of a share; returns true if it should be freed then.
    private static func isTooMuch(_ bytes: Int, _ share: inout SharedMemory.Share) -> Bool {
        share.set(bytes)
        return share.shouldBeFreed
    }

    /// At the limit, those that have much should be freed, and those that have little go on.
    @Test func largeSharesAreFreedAtTheLimit() {
        let mega = Self.mega
        let memory = SharedMemory(limit: 64 * mega)
        do {
            var first = SharedMemory.Share(of: memory)
            var second = SharedMemory.Share(of: memory)
            var third = SharedMemory.Share(of: memory)
            // The fourth of these reaches the limit; a third of it would be everybody's.
            let isTooMuch = [
                Self.isTooMuch(40 * mega, &first), Self.isTooMuch(20 * mega, &second), Self.isTooMuch(3 * mega, &third),
                Self.isTooMuch(5 * mega, &third), Self.isTooMuch(20 * mega, &second),
                Self.isTooMuch(40 * mega, &first), Self.isTooMuch(0, &first), Self.isTooMuch(20 * mega, &second),
            ]
            #expect(isTooMuch == [false, false, false, false, true, true, false, false])
            #expect(memory.bytes == 25 * mega)
        }
        #expect(memory.bytes == 0)
        var alone = SharedMemory.Share(of: memory)
        let isTooMuch = [Self.isTooMuch(64 * mega - 1, &alone), Self.isTooMuch(64 * mega, &alone)]
        #expect(isTooMuch == [false, true])
    }

    /// Very many writers do not make each other write tiny segments.
    @Test func smallSharesAreNeverFreed() {
        let memory = SharedMemory(limit: 16 * Self.mega)
        var other = SharedMemory.Share(of: memory)
        other.set(1 << 30)
        var share = SharedMemory.Share(of: memory)
        let isTooMuch = [
            Self.isTooMuch(1, &share), Self.isTooMuch(SharedMemory.leastShare - 1, &share),
            Self.isTooMuch(8 * Self.mega, &share),
        ]
        #expect(isTooMuch == [false, false, true])
    }

    /// Beyond the limit, only those that have much are refused more.
    @Test func sharesGrowUpToTheLimit() {
        let memory = SharedMemory(limit: 100)
        let isAdded = [
            memory.add(60, to: 0), memory.add(41, to: 60), memory.add(40, to: 60), memory.add(10, to: 0),
            memory.add(20, to: 10), memory.add(1, to: 100),
        ]
        #expect(isAdded == [true, false, true, true, false, false])
        #expect(memory.bytes == 110)
        memory.change(100, to: 10)
        let isAddedThen = [memory.add(20, to: 10), memory.add(20, to: 10)]
        #expect(isAddedThen == [true, true])
        #expect(memory.bytes == 60)
    }
}
