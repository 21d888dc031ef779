import Glibc
import Kernels
import TestSupport
import Testing

/// The slices of threads, where the system can change them: Linux from 6.12 on.
@Suite(.enabled(if: SchedulerSlice.canBeShort)) struct SchedulerSliceTests {
    private struct Facts: Sendable, Equatable {
        var slice: Duration?
        var niceness: Int32

        /// The facts about the calling thread.
        static var current: Facts {
            Facts(slice: SchedulerSlice.current, niceness: getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0))
        }
    }

    /// Returns the slice and the niceness that `body` reads on a new thread.
    private static func facts(
        isPrompt: Bool, niceness: Int32 = 0, _ body: @escaping @Sendable () -> Facts = { .current }
    ) throws -> Facts {
        let facts = Monitor<Facts?>(nil)
        let thread = try WorkerThread.waiting(niceness: niceness, isPrompt: isPrompt) {
            let found = body()
            facts.withLock { $0 = found }
        }
        thread.join()
        return try #require(facts.withLock { $0 })
    }

    @Test func promptThreadsHaveShortSlices() throws {
        #expect(try Self.facts(isPrompt: true).slice == SchedulerSlice.short)
        #expect(try Self.facts(isPrompt: true, niceness: 5) == Facts(slice: SchedulerSlice.short, niceness: 5))
        let pool = WorkerPool(threads: 1, isPrompt: true)
        let slice = Monitor<Duration?>(nil)
        #expect(pool.submit(.init { _ in slice.withLock { $0 = SchedulerSlice.current } }))
        #expect(slice.wait { $0 } == SchedulerSlice.short)
    }

    /// A thread that a prompt one starts does not have its short slices.
    @Test func slicesAreNotInherited() throws {
        #expect(try Self.facts(isPrompt: false).slice != SchedulerSlice.short)
        let started = try Self.facts(isPrompt: true) { (try? Self.facts(isPrompt: false)) ?? .current }
        #expect(started.slice != SchedulerSlice.short)
    }
}
