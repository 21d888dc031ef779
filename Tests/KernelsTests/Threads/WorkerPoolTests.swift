import Kernels
import Testing

/// Jobs in a bounded queue, with threads that are held until a test has looked.
@Suite struct WorkerPoolTests {
    /// Holds threads, and collects what they did.
    private final class Gate: Sendable {
        private struct State {
            var isOpen = false
            var held = 0
            var done: [String] = []
        }

        private let state = Monitor(State())

        /// Waits until the gate is open. Called by a job.
        func hold() {
            state.withLock { $0.held += 1 }
            state.wait { $0.isOpen ? true : nil }
        }

        func open() { state.withLock { $0.isOpen = true } }

        /// Returns when `count` jobs are held.
        func awaitHeld(_ count: Int) { state.wait { $0.held >= count ? true : nil } }

        func record(_ name: String) { state.withLock { $0.done.append(name) } }

        /// Returns what was recorded, when it is as much as `count`.
        func recorded(_ count: Int) -> [String] { state.wait { $0.done.count >= count ? $0.done : nil } ?? [] }
    }

    /// A job that records its name, and whether it was dropped.
    private func job(
        _ name: String, _ gate: Gate, deadline: ContinuousClock.Instant? = nil, isAbandoned: Bool = false
    ) -> WorkerPool.Job {
        WorkerPool.Job(deadline: deadline, isAbandoned: { isAbandoned }) { isDropped in
            gate.record(isDropped ? "\(name) dropped" : name)
        }
    }

    /// A pool whose threads are held by the gate.
    private func heldPool(_ gate: Gate, threads: Int = 1, expected: Duration = .milliseconds(1)) -> WorkerPool {
        let pool = WorkerPool(threads: threads, expected: expected)
        for _ in 0..<threads { #expect(pool.submit(WorkerPool.Job { _ in gate.hold() })) }
        gate.awaitHeld(threads)
        return pool
    }

    @Test func jobsRunInTheOrderInWhichTheyCame() {
        let gate = Gate()
        let pool = heldPool(gate)
        let names = (0..<100).map { "\($0)" }
        for name in names { #expect(pool.submit(job(name, gate))) }
        #expect(pool.waiting == 100)
        gate.open()
        #expect(gate.recorded(100) == names)
    }

    @Test func everyThreadTakesJobs() {
        let gate = Gate()
        let pool = heldPool(gate, threads: 3)
        for name in ["a", "b", "c"] { #expect(pool.submit(job(name, gate))) }
        gate.open()
        #expect(gate.recorded(3).sorted() == ["a", "b", "c"])
    }

    /// Half an hour of work is in the queue: too much for somebody who has an hour, not for one who has a day.
    @Test func jobsThatWouldWaitTooLongAreRefused() {
        let gate = Gate()
        let pool = heldPool(gate, expected: .seconds(15 * 60))
        #expect(pool.submit(job("first", gate, deadline: .now + .seconds(3600))))
        #expect(!pool.submit(job("refused", gate, deadline: .now + .seconds(3600))))
        #expect(pool.submit(job("second", gate, deadline: .now + .seconds(86_400))))
        gate.open()
        #expect(gate.recorded(2) == ["first", "second"])
        #expect(pool.statistics.refused == 1)
    }

    /// However short the jobs are, the memory of those that wait is bounded.
    @Test func theNumberOfWaitingJobsIsBounded() {
        let gate = Gate()
        let pool = heldPool(gate, expected: .zero)
        var accepted = 0
        while accepted < 100_000, pool.submit(job("\(accepted)", gate)) { accepted += 1 }
        #expect(accepted == 512)
        gate.open()
        #expect(gate.recorded(512).count == 512)
    }

    /// Quick jobs correct the expectation of slow ones.
    @Test func acceptanceFollowsTheMeasuredTime() {
        let gate = Gate()
        let pool = heldPool(gate, expected: .seconds(3600))
        let deadline = ContinuousClock.now + .seconds(3600)
        #expect(pool.submit(job("first", gate, deadline: deadline)))
        #expect(!pool.submit(job("refused", gate, deadline: deadline)))
        gate.open()
        for count in 1...400 {
            _ = gate.recorded(count)
            #expect(pool.submit(job("quick", gate, deadline: deadline)))
        }
        let other = Gate()
        #expect(pool.submit(WorkerPool.Job { _ in other.hold() }))
        other.awaitHeld(1)
        for name in ["a", "b", "c"] { #expect(pool.submit(job(name, other, deadline: deadline))) }
        other.open()
        #expect(other.recorded(3) == ["a", "b", "c"])
    }

    @Test func jobsOutOfTimeAreDropped() {
        let gate = Gate()
        let pool = heldPool(gate, threads: 2)
        #expect(pool.submit(job("late", gate, deadline: .now)))
        #expect(pool.submit(job("abandoned", gate, isAbandoned: true)))
        gate.open()
        #expect(gate.recorded(2).sorted() == ["abandoned dropped", "late dropped"])
    }

    /// A job is counted before the next one of its thread begins.
    @Test func jobsAreCountedByTheirEnd() {
        let gate = Gate()
        let pool = heldPool(gate)
        #expect(pool.submit(job("late", gate, deadline: .now)))
        #expect(pool.submit(job("run", gate)))
        #expect(pool.submit(job("last", gate)))
        gate.open()
        #expect(gate.recorded(3) == ["late dropped", "run", "last"])
        let jobs = pool.statistics
        #expect(jobs.run >= 2)
        #expect(jobs.dropped == 1)
        #expect(jobs.refused == 0)
    }

    @Test func acceptedJobsRunWhenThePoolIsReleased() {
        let gate = Gate()
        do {
            let pool = heldPool(gate)
            #expect(pool.submit(job("a", gate)))
            #expect(pool.submit(job("b", gate)))
        }
        gate.open()
        #expect(gate.recorded(2) == ["a", "b"])
    }
}
