import FoundationEssentials
import Kernels
import TestSupport
import Testing

@testable import Segments

/// The power, or the disk, fails at every call: nothing that was acknowledged is lost, nothing is invented.
///
/// `QUIRE_PROOF=1` runs the long sweeps, which print how many stops they made; without it, short ones.
@Suite struct CrashSweepTests {
    private static let isProof = ProcessInfo.processInfo.environment["QUIRE_PROOF"] != nil
    private static var script: DurabilityScript {
        DurabilityScript(seed: SplitMix64.varied(40), batches: isProof ? 60 : 16)
    }

    private struct Sweep {
        var stops = 0
        var problems: [String] = []
    }

    /// Nothing fails; writers are closed and opened, everything is deleted and added again.
    @Test func scriptsRunWithoutFailures() throws {
        for seed in 0..<(Self.isProof ? 500 : 40) {
            let script = DurabilityScript(seed: SplitMix64.varied(1000 + UInt64(seed)), batches: 40)
            let run = DurabilityRun(script, IndexFolder("/index", files: FaultyFileSystem()))
            try run.open()
            try run.run()
            run.close()
            #expect(run.problem == nil, "seed \(seed)")
            #expect(run.isDone, "seed \(seed)")
            #expect(try run.folder.check().problems == [], "seed \(seed)")
        }
    }

    @Test func powerFailsAtEveryCall() throws {
        let stops = try sweep(Self.script)
        #expect(stops > 300)
        if Self.isProof { print("power: \(Self.script.changes) changes, \(stops) stops, three crashes each") }
    }

    /// A standby generation may get the number of one that was dropped, whose files a crash brings back.
    @Test func powerFailsWhileAStandbyReplacesADroppedOne() throws {
        var random = SplitMix64(seed: 7)
        func write() -> DurabilityScript.Step { .write(DurabilityModel.changes(6, &random)) }
        func bulk() -> DurabilityScript.Step {
            .bulk(DurabilityModel.changes(6, &random).compactMap(\.unversionedPut))
        }
        let steps = [
            write(), .fill(until: nil), write(), .follow, .commit, bulk(), .fill(until: nil), write(), .follow,
        ]
        #expect(try sweep(DurabilityScript(steps)) > 20)
    }

    /// Runs a script, and verifies what each kind of crash leaves at every call. Returns the number of calls.
    private func sweep(_ script: DurabilityScript) throws -> Int {
        let files = FaultyFileSystem()
        let run = DurabilityRun(script, IndexFolder("/index", files: files))
        let sweep = Monitor(Sweep())
        files.watch {
            sweep.withLock { sweep in
                guard sweep.problems.count < 5 else { return }
                sweep.stops += 1
                for crash in FaultyFileSystem.Crash.allCases {
                    let disk = files.crashed(crash, seed: UInt64(sweep.stops))
                    do {
                        guard let problem = try run.verify(disk) else { continue }
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
        #expect(run.problem == nil)
        #expect(run.isDone)
        let (stops, problems) = sweep.withLock { ($0.stops, $0.problems) }
        #expect(problems == [])
        return stops
    }

    /// EIO and a full disk: the writer ends with an error, and another one continues from there.
    @Test(arguments: [5, 28] as [Int32]) func theDiskFailsAtEveryCall(_ code: Int32) throws {
        let quiet = FaultyFileSystem()
        let whole = DurabilityRun(Self.script, IndexFolder("/index", files: quiet))
        try whole.open()
        try whole.run()
        let calls = quiet.calls
        var failures = 0
        var powerFailures = 0
        for call in stride(from: 1, through: calls, by: Self.isProof ? 1 : 1 + calls / 80) {
            let files = FaultyFileSystem()
            let run = DurabilityRun(Self.script, IndexFolder("/index", files: files))
            files.set(.fail(at: call, code: code))
            // Then the power fails as well: what a failed sync left in memory only is lost.
            let crashes = Monitor((calls: 0, stops: 0, problems: [String]()))
            let every = 7 + calls / 12
            files.watch {
                crashes.withLock { crashes in
                    crashes.calls += 1
                    let isDue = crashes.calls > call && (crashes.calls - call) % every == 1
                    guard isDue, crashes.problems.isEmpty else { return }
                    crashes.stops += 1
                    for crash in [FaultyFileSystem.Crash.losesAll, .losesSome] {
                        do {
                            let disk = files.crashed(crash, seed: UInt64(call))
                            guard let problem = try run.verify(disk) else { continue }
                            crashes.problems.append("call \(call), power \(crashes.calls), \(crash): \(problem)")
                        } catch {
                            crashes.problems.append("call \(call), power \(crashes.calls), \(crash): \(error)")
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
            #expect(run.isDone, "call \(call): \(run.problem ?? "not done")")
            #expect(run.problem == nil, "call \(call): \(run.problem ?? "not done")")
            if run.problem != nil || !run.isDone { return }
            #expect(try run.folder.check().problems == [], "call \(call)")
        }
        if Self.isProof {
            print("errno \(code): \(calls) calls, \(failures) errors, \(powerFailures) power failures after one")
        }
        #expect(failures > 20)
    }
}
