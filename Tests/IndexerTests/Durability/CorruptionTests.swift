import FoundationEssentials
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

/// Bytes of an index are corrupted: whoever opens it finds what was there, or an error that names the file.
///
/// `QUIRE_PROOF=1` corrupts every byte of every file, and makes 10,000 random edits; without it, every few.
@Suite struct CorruptionTests {
    private static let isProof = ProcessInfo.processInfo.environment["QUIRE_PROOF"] != nil

    /// The results of the rounds of one test.
    private struct Tally {
        var rounds = 0
        var readerErrors = 0
        var writerErrors = 0
        /// The rounds after which a check found no problem.
        var harmless = 0
    }

    @Test func flippedBytesAreDetected() throws {
        let intact = try CorruptibleIndex(seed: SplitMix64.varied(70))
        var random = SplitMix64(seed: 71)
        var tally = Tally()
        for path in intact.paths {
            let count = intact.disk.bytes(of: path)?.count ?? 0
            for offset in stride(from: 0, to: count, by: Self.isProof ? 1 : 1 + random.below(40)) {
                let bit: UInt8 = 1 << UInt8(random.below(8))
                let problem = try examine(intact, path, &tally, mayEndEarlier: false) { $0[offset] ^= bit }
                #expect(problem == nil, "byte \(offset) of \(path), bit \(bit): \(problem ?? "")")
                if problem != nil { return }
            }
        }
        print("flips: \(tally)")
        #expect(tally.harmless < tally.rounds / 20)
    }

    @Test func truncatedFilesAreDetected() throws {
        let intact = try CorruptibleIndex(seed: SplitMix64.varied(72))
        var tally = Tally()
        for path in intact.paths {
            let count = intact.disk.bytes(of: path)?.count ?? 0
            for length in stride(from: 0, to: count, by: Self.isProof ? 1 : 1 + count / 25) {
                let problem = try examine(intact, path, &tally) { $0.removeLast(count - length) }
                #expect(problem == nil, "\(path) of \(count) bytes cut to \(length): \(problem ?? "")")
                if problem != nil { return }
            }
        }
        print("cuts: \(tally)")
    }

    /// Ranges of zeros, of noise and of other files' bytes; bytes that are duplicated or missing.
    @Test func randomEditsAreDetected() throws {
        var random = SplitMix64(seed: SplitMix64.varied(73))
        var tally = Tally()
        for seed in 0..<(Self.isProof ? 20 : 2) {
            let intact = try CorruptibleIndex(seed: UInt64(seed))
            for _ in 0..<(Self.isProof ? 500 : 100) {
                let path = random.pick(intact.paths)
                let other = intact.disk.bytes(of: random.pick(intact.paths)) ?? []
                let edit = Edit(&random)
                let noise = random.next()
                let problem = try examine(intact, path, &tally) { edit.apply(to: &$0, other, seed: noise) }
                #expect(problem == nil, "index \(seed), \(edit) of \(path): \(problem ?? "")")
                if problem != nil { return }
            }
        }
        print("random: \(tally)")
    }

    @Test func missingFilesAreReported() throws {
        let intact = try CorruptibleIndex(seed: 74)
        let manifest = try #require(try intact.folder(intact.disk).newestManifest())
        for name in manifest.fileNames {
            let disk = intact.disk.crashed(.keepsAll)
            let path = intact.folder(disk).generationPath(manifest.generation) + "/" + name
            try disk.remove(path)
            var tally = Tally()
            #expect(try outcome(intact, disk, path, &tally) == nil)
            // Only writers read tombstones.
            #expect(tally.readerErrors == (name.hasPrefix("tombstones") ? 0 : 1), "\(path)")
            #expect(tally.writerErrors == 1, "\(path)")
            #expect(tally.harmless == 0, "\(path)")
        }
    }

    /// A wrong generation number must not let a writer remove the generation that is there.
    @Test func aWrongGenerationNumberRemovesNothing() throws {
        let intact = try CorruptibleIndex(seed: 75)
        let current = intact.folder(intact.disk).currentPath
        for bit in 0..<8 {
            let disk = intact.disk.crashed(.keepsAll)
            disk.spoil(current) { $0[0] ^= 1 << UInt8(bit) }
            if let writer = try? IndexWriter(intact.folder(disk), .empty(try DurabilityModel.schema())) {
                try? writer.discard()
            }
            disk.spoil(current) { $0 = intact.disk.bytes(of: current) ?? [] }
            #expect(try intact.model.difference(from: IndexWriter(intact.folder(disk), .current).view()) == nil)
        }
    }

    /// Changes that the newest manifest holds need no log.
    @Test func corruptionOfACommittedLogIsHarmless() throws {
        let intact = try CorruptibleIndex(seed: 76)
        try IndexWriter(intact.folder(intact.disk), .current).commit()
        let generation = try #require(try intact.folder(intact.disk).currentGeneration())
        let folder = intact.folder(intact.disk).generationFolder(generation)
        let logs = try intact.folder(intact.disk).logNumbers(of: generation)
        #expect(logs.count > 0)
        for log in logs {
            let disk = intact.disk.crashed(.keepsAll)
            disk.spoil(folder.log(log)) { $0[0] ^= 1 }
            #expect(try !intact.folder(disk).hasUncommittedChanges())
            #expect(try intact.model.difference(from: IndexWriter(intact.folder(disk), .current).view()) == nil)
            #expect(try !intact.folder(disk).check().problems.isEmpty)
        }
    }

    /// A commit that was started and never finished has marked a log. The mark proves nothing about the next commit,
    /// which is in no log.
    @Test func staleMarksDoNotReplaceAManifest() throws {
        let intact = try CorruptibleIndex(seed: 77)
        let folder = intact.folder(intact.disk)
        _ = try IndexWriter(folder, .current).prepareCommit()
        do {
            let writer = try IndexWriter(folder, .current)
            var document = DocumentBuffer()
            document.append(0, text: "in bulk")
            #expect(try !writer.put(document))
            try writer.commit()
        }
        let generation = try #require(try folder.currentGeneration())
        let newest = try #require(try folder.manifests(of: generation).last)
        intact.disk.spoil(folder.manifestPath(generation, newest)) { $0[20] ^= 1 }
        #expect {
            try IndexWriter(folder, .current)
        } throws: { "\($0)".contains("manifest-\(newest)") }
        #expect(intact.disk.bytes(of: folder.manifestPath(generation, newest)) != nil)
    }

    /// Numbers that no writer reaches would name files that are not recognized as an index's.
    @Test func marksBeyondTheMaximumAreIgnored() {
        for (number, isMark) in [
            (0, true), (IndexFolder.maxNumber - 1, true), (IndexFolder.maxNumber, false), (.max, false),
        ] {
            let found = WriteBatch.mark(number).withUnsafeBytes { WriteBatch.markedSequence($0) }
            #expect(found == (isMark ? number : nil))
        }
    }

    // MARK: - Rounds

    /// Corrupts a file on a copy of the disk; returns what went wrong, nil when the corruption was handled.
    private func examine(
        _ intact: CorruptibleIndex, _ path: String, _ tally: inout Tally, mayEndEarlier: Bool = true,
        _ spoil: (inout [UInt8]) -> Void
    ) throws -> String? {
        let disk = intact.disk.crashed(.keepsAll)
        disk.spoil(path, spoil)
        if disk.bytes(of: path) == intact.disk.bytes(of: path) { return nil }
        return try outcome(intact, disk, path, &tally, mayEndEarlier: mayEndEarlier)
    }

    /// Checks, reads, continues and merges a corrupted index; returns what went wrong. Every error must name `path`.
    private func outcome(
        _ intact: CorruptibleIndex, _ disk: FaultyFileSystem, _ path: String, _ tally: inout Tally,
        mayEndEarlier: Bool = false
    ) throws -> String? {
        tally.rounds += 1
        let folder = intact.folder(disk)
        let problems = try folder.check().problems
        if let other = problems.first(where: { !$0.contains(path) }) {
            return "the check names another place: \(other)"
        }
        if problems.isEmpty { tally.harmless += 1 }
        do {
            if let difference = try intact.committed.difference(from: IndexReader(folder)) {
                return "a reader returns something else: \(difference)"
            }
        } catch let error as IndexError {
            tally.readerErrors += 1
            if !error.description.contains(path) { return "the reader's error names another place: \(error)" }
            if problems.isEmpty { return "the check is clean, but a reader throws: \(error)" }
        }
        do {
            let writer = try IndexWriter(folder, .current)
            let isWhole = try intact.model.difference(from: writer.view()) == nil
            if !isWhole, problems.isEmpty, path.contains("/wal-"),
                try intact.isEarlierState(writer.view(), byBatches: mayEndEarlier)
            {
                return nil
            }
            guard isWhole else { return "a writer continues from another state" }
            try writer.merge(to: 1)
            try writer.commit()
            if let difference = try intact.model.difference(from: IndexReader(folder)) {
                return "a merge adopts the corruption: \(difference)"
            }
        } catch let error as IndexError {
            tally.writerErrors += 1
            if !error.description.contains(path) { return "the writer's error names another place: \(error)" }
            if problems.isEmpty { return "the check is clean, but a writer throws: \(error)" }
        }
        return nil
    }
}

/// A small index with files of every kind, and the states that may be found in it.
private struct CorruptibleIndex {
    let disk: FaultyFileSystem
    /// The state of the newest commit.
    let committed: DurabilityModel
    /// The state after the changes in the log.
    let model: DurabilityModel
    /// Every state between the two.
    private let between: [DurabilityModel]
    /// The number of changes in the last batch.
    private let lastBatch: Int

    init(seed: UInt64) throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        try IndexWriter(folder, .empty(try DurabilityModel.schema())).commit()
        let writer = try IndexWriter(folder, .current)
        var random = SplitMix64(seed: seed)
        var model = DurabilityModel()
        var last = 0
        func write(_ batches: Int) throws -> [DurabilityModel] {
            var states: [DurabilityModel] = []
            for _ in 0..<batches {
                let changes = DurabilityModel.changes(3 + random.below(6), &random)
                last = changes.count
                _ = try writer.write(try DurabilityModel.batch(changes, writer.members))
                for change in changes {
                    _ = model.apply(change)
                    states.append(model)
                }
                _ = try writer.view()
            }
            return states
        }
        for _ in 0..<3 {
            _ = try write(2)
            try writer.commit()
        }
        committed = model
        let states = try write(3)
        between = [committed] + states
        lastBatch = last
        self.model = model
        // The process ends here, without cleaning up.
        disk = files.crashed(.keepsAll)
    }

    func folder(_ files: FaultyFileSystem) -> IndexFolder { IndexFolder("/index", files: files) }

    /// The files to corrupt: not the lock, which is empty, and not segments that no commit names.
    var paths: [String] {
        let folder = folder(disk)
        guard let manifest = try? folder.newestManifest() else { return [] }
        let generationFolder = folder.generationPath(manifest.generation) + "/"
        return disk.allFiles.filter { path in
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            return path == folder.currentPath || name.hasPrefix("manifest-")
                || path.hasPrefix(generationFolder) && (name.hasPrefix("wal-") || manifest.fileNames.contains(name))
        }
    }

    /// True if a view is one of the states between: a log that ends early, as after a crash in the middle of a write,
    /// contains no later change. One wrong byte may do that to the last batch only.
    func isEarlierState(_ view: IndexReader, byBatches: Bool) throws -> Bool {
        let states = byBatches ? between : between.suffix(lastBatch + 1)
        return try states.contains { try $0.difference(from: view) == nil }
    }
}

/// An edit that corrupts a file.
private struct Edit {
    enum Kind: CaseIterable { case flip, zeros, noise, foreign, cut, twice, missing }
    var kind: Kind
    var relativePosition: Double
    var length: Int

    init(_ random: inout SplitMix64) {
        kind = random.pick(Kind.allCases)
        relativePosition = Double(random.below(1 << 20)) / Double(1 << 20)
        length = 1 + random.below(random.chance(50) ? 8 : 700)
    }

    func apply(to bytes: inout [UInt8], _ other: [UInt8], seed: UInt64) {
        if bytes.isEmpty { return }
        var random = SplitMix64(seed: seed)
        let offset = Int(relativePosition * Double(bytes.count))
        let range = offset..<min(offset + length, bytes.count)
        switch kind {
        case .flip: bytes[offset] ^= 1 << UInt8(random.below(8))
        case .zeros: for i in range { bytes[i] = 0 }
        case .noise: for i in range { bytes[i] = UInt8(random.below(256)) }
        case .foreign: for i in range where i < other.count { bytes[i] = other[i] }
        case .cut: bytes.removeSubrange(offset...)
        case .twice: bytes.insert(contentsOf: bytes[range], at: offset)
        case .missing: bytes.removeSubrange(range)
        }
    }
}
