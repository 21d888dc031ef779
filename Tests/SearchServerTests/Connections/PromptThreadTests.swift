import Kernels
import NIOPosix
import Searching
import Testing

@testable import SearchServer

/// The threads that pass requests and replies on: they have short slices where the system can shorten them.
@Suite struct PromptThreadTests {
    /// The slice of a prompt thread, or of another one; they are equal where the system cannot shorten slices.
    private static func slice(isPrompt: Bool) throws -> Duration? {
        let slice = Monitor<Duration?>(nil)
        let thread = try WorkerThread.waiting(isPrompt: isPrompt) { slice.withLock { $0 = SchedulerSlice.current } }
        thread.join()
        return slice.withLock { $0 }
    }

    @Test func lookUpsArePromptAndSearchesAreNot() async throws {
        let threads = SearchThreads(threads: 1)
        #expect(try await threads.lookUp(SearchLimits()) { SchedulerSlice.current } == Self.slice(isPrompt: true))
        #expect(try await threads.search(SearchLimits()) { SchedulerSlice.current } == Self.slice(isPrompt: false))
    }

    @Test func eventLoopsArePrompt() async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        shortenSlices(of: loops)
        for loop in loops.makeIterator() {
            #expect(try await loop.submit { SchedulerSlice.current }.get() == Self.slice(isPrompt: true))
        }
        try await loops.shutdownGracefully()
    }
}
