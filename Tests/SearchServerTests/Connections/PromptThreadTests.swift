import Kernels
import NIOPosix
import Searching
import TestSupport
import Testing

@testable import SearchServer

/// The threads that pass requests and replies on have short slices, where the system can shorten them.
@Suite(.enabled(if: SchedulerSlice.canBeShort)) struct PromptThreadTests {
    @Test func lookUpsArePromptAndSearchesAreNot() async throws {
        let threads = SearchThreads(threads: 1)
        #expect(try await threads.lookUp(SearchLimits()) { SchedulerSlice.current } == SchedulerSlice.short)
        #expect(try await threads.search(SearchLimits()) { SchedulerSlice.current } != SchedulerSlice.short)
    }

    @Test func eventLoopsArePrompt() async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        shortenSlices(of: loops)
        for loop in loops.makeIterator() {
            #expect(try await loop.submit { SchedulerSlice.current }.get() == SchedulerSlice.short)
        }
        try await loops.shutdownGracefully()
    }
}
