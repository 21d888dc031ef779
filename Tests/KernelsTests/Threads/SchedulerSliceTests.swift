import Kernels
import Testing

/// The slices of threads, where the system tells them: Linux from 6.12 on.
@Suite(.enabled(if: SchedulerSlice.current != nil)) struct SchedulerSliceTests {
    /// The slice of a thread of a new pool, which looks at it once it is there.
    private static func slice(isPrompt: Bool) async -> Duration? {
        let pool = WorkerPool(threads: 1, isPrompt: isPrompt)
        return await withCheckedContinuation { continuation in
            let isAccepted = pool.submit(.init { _ in continuation.resume(returning: SchedulerSlice.current) })
            if !isAccepted { continuation.resume(returning: nil) }
        }
    }

    @Test func promptThreadsHaveShortSlices() async {
        #expect(await Self.slice(isPrompt: true) == SchedulerSlice.short)
    }

    @Test func otherThreadsHaveThoseOfTheSystem() async throws {
        let usual = try #require(await Self.slice(isPrompt: false))
        #expect(usual > SchedulerSlice.short)
        // Also if the thread that starts them has short ones, which a new thread would have as well.
        let started: Duration? = await withCheckedContinuation { continuation in
            let prompt = WorkerPool(threads: 1, isPrompt: true)
            let job = WorkerPool.Job { _ in
                let thread = try? WorkerThread.waiting { continuation.resume(returning: SchedulerSlice.current) }
                if thread == nil { continuation.resume(returning: nil) }
            }
            if !prompt.submit(job) { continuation.resume(returning: nil) }
        }
        #expect(started == usual)
    }
}
