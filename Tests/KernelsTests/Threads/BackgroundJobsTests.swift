import FoundationEssentials
import Glibc
import Kernels
import Testing

@Suite struct BackgroundJobsTests {
    /// Jobs of one thread run one after another; one that has not begun can be taken back, and runs nowhere else.
    @Test func jobsThatWaitCanBeTakenBack() {
        let jobs = BackgroundJobs()
        let (order, gate) = (Monitor<[Int]>([]), Monitor(false))
        let owners = (0..<3).map { Monitor($0) }
        for (number, owner) in owners.enumerated() {
            jobs.run(owner: owner) {
                order.withLock { $0.append(number) }
                if number == 0 { gate.wait { $0 ? true : nil } }
            }
        }
        order.wait { $0 == [0] ? true : nil }
        #expect(jobs.takeBack(owners[0]) == nil)
        let taken = jobs.takeBack(owners[1])
        #expect(taken != nil)
        #expect(jobs.takeBack(owners[1]) == nil)
        gate.withLock { $0 = true }
        jobs.close()
        #expect(order.withLock { $0 } == [0, 2])
        taken?()
        #expect(order.withLock { $0 } == [0, 2, 1])
    }

    @Test func jobsRunOnAsManyThreadsAsThereMayBe() {
        let jobs = BackgroundJobs(threads: 3)
        let running = Monitor((now: 0, most: 0, total: 0))
        for _ in 0..<30 {
            jobs.run {
                running.withLock { running in
                    running.now += 1
                    running.most = max(running.most, running.now)
                }
                // The first ones wait for each other, which fewer threads could not.
                running.wait { $0.most == 3 ? true : nil }
                running.withLock { running in
                    running.now -= 1
                    running.total += 1
                }
            }
        }
        jobs.close()
        #expect(running.withLock { $0.most } == 3)
        #expect(running.withLock { $0.total } == 30)
    }

    /// Without room for another thread, a job runs on the thread that submits it, and later ones on threads again.
    @Test func aJobRunsAtOnceWhenThereCanBeNoThread() async {
        await #expect(processExitsWith: .success) {
            let jobs = BackgroundJobs()
            // No stack of a thread fits into what is left of the address space.
            let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            let used = try #require(pages.first.flatMap { rlim_t($0) }) * rlim_t(sysconf(Int32(_SC_PAGESIZE)))
            var usual = rlimit()
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &usual) == 0)
            var tight = rlimit(rlim_cur: used + 2 << 20, rlim_max: usual.rlim_max)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &tight) == 0)
            let threads = Monitor<[pthread_t]>([])
            jobs.run { threads.withLock { $0.append(pthread_self()) } }
            #expect(threads.withLock { $0 } == [pthread_self()])
            #expect(jobs.isIdle)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &usual) == 0)
            jobs.run { threads.withLock { $0.append(pthread_self()) } }
            jobs.close()
            #expect(threads.withLock { $0 }.count == 2)
            #expect(threads.withLock { $0 }.last != pthread_self())
        }
    }
}
