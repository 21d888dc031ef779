import FoundationEssentials
import Kernels
import OracleSupport
import Testing

@testable import Indexer

/// The power goes, or the disk fails, at every call: nothing that was acknowledged is lost, nothing is invented.
///
/// `QUIRE_PROOF=1` runs the long sweeps, which print how many stops they made; without it, short ones.
@Suite struct CrashSweepTests {
    private static let isProof = ProcessInfo.processInfo.environment["QUIRE_PROOF"] != nil
    private static var script: ShopScript { ShopScript(seed: SplitMix64.varied(40), batches: isProof ? 60 : 16) }

    private struct Sweep {
        var stops = 0
        var problems: [String] = []
    }

    /// Nothing fails; writers end and begin, everything is deleted and comes back.
    @Test func manyDaysGoWell() throws {
        for seed in 0..<(Self.isProof ? 500 : 40) {
            let script = ShopScript(seed: SplitMix64.varied(1000 + UInt64(seed)), batches: 40)
            let run = ShopRun(script, IndexFolder("/shop", files: FaultyFileSystem()))
            try run.open()
            try run.run()
            run.close()
            #expect(run.problem == nil && run.isDone, "seed \(seed)")
            #expect(try run.folder.check().problems == [], "seed \(seed)")
        }
    }

    @Test func powerFailsAtEveryCall() throws {
        let files = FaultyFileSystem()
        let run = ShopRun(Self.script, IndexFolder("/shop", files: files))
        let sweep = Monitor(Sweep())
        files.watch {
            sweep.withLock { sweep in
                guard sweep.problems.count < 5 else { return }
                sweep.stops += 1
                for crash in FaultyFileSystem.Crash.allCases {
                    let left = files.crashed(crash, seed: UInt64(sweep.stops))
                    do {
                        guard let problem = try run.verify(left) else { continue }
                        sweep.problems.append("stop \(sweep.stops), \(crash): \(problem)")
                    } catch {
                        sweep.problems.append("stop \(sweep.stops), \(crash): \(error)")
                    }
                }
            }
        }
        try run.open()
        try run.run()
        files.watch(nil)
        #expect(run.problem == nil && run.isDone)
        let (stops, problems) = sweep.withLock { ($0.stops, $0.problems) }
        #expect(problems == [])
        #expect(stops > 300)
        if Self.isProof { print("power: \(Self.script.changes) changes, \(stops) stops, three crashes each") }
    }

    /// EIO and a full disk: the writer ends with an error, and another goes on where it stopped.
    @Test(arguments: [5, 28] as [Int32]) func theDiskFailsAtEveryCall(_ code: Int32) throws {
        let quiet = FaultyFileSystem()
        let whole = ShopRun(Self.script, IndexFolder("/shop", files: quiet))
        try whole.open()
        try whole.run()
        let calls = quiet.calls
        var failures = 0
        var powerFailures = 0
        for at in stride(from: 1, through: calls, by: Self.isProof ? 1 : 1 + calls / 80) {
            let files = FaultyFileSystem()
            let run = ShopRun(Self.script, IndexFolder("/shop", files: files))
            files.set(.fail(at: at, code: code))
            // Then the power goes as well: what a failed sync left in memory alone is lost.
            let crashes = Monitor((calls: 0, stops: 0, problems: [String]()))
            let every = 7 + calls / 12
            files.watch {
                crashes.withLock { crashes in
                    crashes.calls += 1
                    let isDue = crashes.calls > at && (crashes.calls - at) % every == 1
                    guard isDue, crashes.problems.isEmpty else { return }
                    crashes.stops += 1
                    for crash in [FaultyFileSystem.Crash.losesAll, .losesSome] {
                        do {
                            let left = files.crashed(crash, seed: UInt64(at))
                            guard let problem = try run.verify(left) else { continue }
                            crashes.problems.append("call \(at), power \(crashes.calls), \(crash): \(problem)")
                        } catch {
                            crashes.problems.append("call \(at), power \(crashes.calls), \(crash): \(error)")
                        }
                    }
                }
            }
            var attempts = 0
            while !run.isDone, attempts < 3 {
                attempts += 1
                do {
                    try run.open()
                    try run.run()
                } catch is IndexError {
                    failures += 1
                }
            }
            run.close()
            files.watch(nil)
            let (stops, problems) = crashes.withLock { ($0.stops, $0.problems) }
            powerFailures += stops
            #expect(problems == [])
            if !problems.isEmpty { return }
            #expect(run.isDone && run.problem == nil, "call \(at): \(run.problem ?? "not done")")
            if run.problem != nil || !run.isDone { return }
            #expect(try run.folder.check().problems == [], "call \(at)")
        }
        if Self.isProof {
            print("errno \(code): \(calls) calls, \(failures) errors, \(powerFailures) power failures after one")
        }
        #expect(failures > 20)
    }
}
