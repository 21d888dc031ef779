import FoundationEssentials
import OracleSupport
import Testing

@testable import Indexer

/// Bytes of an index change behind its back: whoever opens it finds what was there, or an error that names the file.
///
/// `QUIRE_PROOF=1` spoils every byte of every file, and 10,000 places at random; without it, every few.
@Suite struct CorruptionTests {
    private static let isProof = ProcessInfo.processInfo.environment["QUIRE_PROOF"] != nil

    /// What became of one spoilt byte.
    private struct Tally {
        var rounds = 0
        var readerErrors = 0
        var writerErrors = 0
        /// Rounds after which check was clean.
        var harmless = 0
    }

    @Test func everyByteIsFlipped() throws {
        let shop = try SpoiltShop(seed: SplitMix64.varied(70))
        var random = SplitMix64(seed: 71)
        var tally = Tally()
        for path in shop.paths {
            let count = shop.disk.bytes(of: path)?.count ?? 0
            for at in stride(from: 0, to: count, by: Self.isProof ? 1 : 1 + random.below(40)) {
                let bit: UInt8 = 1 << UInt8(random.below(8))
                let problem = try examine(shop, path, &tally, mayEndEarlier: false) { $0[at] ^= bit }
                #expect(problem == nil, "byte \(at) of \(path), bit \(bit): \(problem ?? "")")
                if problem != nil { return }
            }
        }
        print("flips: \(tally)")
        #expect(tally.harmless < tally.rounds / 20)
    }

    @Test func everyFileIsCutShort() throws {
        let shop = try SpoiltShop(seed: SplitMix64.varied(72))
        var tally = Tally()
        for path in shop.paths {
            let count = shop.disk.bytes(of: path)?.count ?? 0
            for length in stride(from: 0, to: count, by: Self.isProof ? 1 : 1 + count / 25) {
                let problem = try examine(shop, path, &tally) { $0.removeLast(count - length) }
                #expect(problem == nil, "\(path) of \(count) bytes cut to \(length): \(problem ?? "")")
                if problem != nil { return }
            }
        }
        print("cuts: \(tally)")
    }

    /// Runs of zeros, of noise and of other files' bytes; bytes that came twice, and bytes that went missing.
    @Test func placesAtRandomAreSpoilt() throws {
        var random = SplitMix64(seed: SplitMix64.varied(73))
        var tally = Tally()
        for seed in 0..<(Self.isProof ? 20 : 2) {
            let shop = try SpoiltShop(seed: UInt64(seed))
            for _ in 0..<(Self.isProof ? 500 : 100) {
                let path = random.pick(shop.paths)
                let other = shop.disk.bytes(of: random.pick(shop.paths)) ?? []
                let edit = Edit(&random)
                let noise = random.next()
                let problem = try examine(shop, path, &tally) { edit.apply(to: &$0, other, seed: noise) }
                #expect(problem == nil, "shop \(seed), \(edit) of \(path): \(problem ?? "")")
                if problem != nil { return }
            }
        }
        print("random: \(tally)")
    }

    @Test func filesThatAreGoneAreNamed() throws {
        let shop = try SpoiltShop(seed: 74)
        let manifest = try #require(try shop.folder(shop.disk).newestManifest())
        for name in manifest.fileNames {
            let disk = shop.disk.crashed(.keepsAll)
            let path = shop.folder(disk).generationPath(manifest.generation) + "/" + name
            try disk.remove(path)
            var tally = Tally()
            #expect(try outcome(shop, disk, path, &tally) == nil)
            // Tombstones are the writer's alone.
            #expect(tally.readerErrors == (name.hasPrefix("tombstones") ? 0 : 1), "\(path)")
            #expect(tally.writerErrors == 1 && tally.harmless == 0, "\(path)")
        }
    }

    /// A generation's number that is not the one that is there must not let a writer clean up what is.
    @Test func aWrongNumberOfTheGenerationRemovesNothing() throws {
        let shop = try SpoiltShop(seed: 75)
        let current = shop.folder(shop.disk).currentPath
        for bit in 0..<8 {
            let disk = shop.disk.crashed(.keepsAll)
            disk.spoil(current) { $0[0] ^= 1 << UInt8(bit) }
            if let writer = try? IndexWriter(shop.folder(disk), .empty(try ShopModel.schema())) {
                try? writer.discard()
            }
            disk.spoil(current) { $0 = shop.disk.bytes(of: current) ?? [] }
            #expect(try shop.model.difference(from: IndexWriter(shop.folder(disk), .current).view()) == nil)
        }
    }

    /// What the newest manifest holds needs no log.
    @Test func damageOfALogThatIsCommittedHoldsNobodyUp() throws {
        let shop = try SpoiltShop(seed: 76)
        try IndexWriter(shop.folder(shop.disk), .current).commit()
        let generation = try #require(try shop.folder(shop.disk).currentGeneration())
        let folder = shop.folder(shop.disk).generationFolder(generation)
        let logs = try shop.folder(shop.disk).logNumbers(of: generation)
        #expect(logs.count > 0)
        for log in logs {
            let disk = shop.disk.crashed(.keepsAll)
            disk.spoil(folder.log(log)) { $0[0] ^= 1 }
            #expect(try !shop.folder(disk).hasUncommittedChanges())
            #expect(try shop.model.difference(from: IndexWriter(shop.folder(disk), .current).view()) == nil)
            #expect(try !shop.folder(disk).check().problems.isEmpty)
        }
    }

    /// A commit that was begun and never done has marked a log. It proves nothing of the next, which no log has.
    @Test func anOldMarkDoesNotStandInForAManifest() throws {
        let shop = try SpoiltShop(seed: 77)
        let folder = shop.folder(shop.disk)
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
        shop.disk.spoil(folder.manifestPath(generation, newest)) { $0[20] ^= 1 }
        #expect {
            try IndexWriter(folder, .current)
        } throws: { "\($0)".contains("manifest-\(newest)") }
        #expect(shop.disk.bytes(of: folder.manifestPath(generation, newest)) != nil)
    }

    /// Numbers that no writer counts to would name files that nobody knows for an index's.
    @Test func marksBeyondAllNumbersAreNone() {
        for (number, isMark) in [
            (0, true), (IndexFolder.greatestNumber - 1, true), (IndexFolder.greatestNumber, false), (.max, false),
        ] {
            let found = WriteBatch.mark(number).withUnsafeBytes { WriteBatch.markedSequence($0) }
            #expect(found == (isMark ? number : nil))
        }
    }

    // MARK: - One round

    /// Spoils a file of a copy of the disk; answers what should not have come of it.
    private func examine(
        _ shop: SpoiltShop, _ path: String, _ tally: inout Tally, mayEndEarlier: Bool = true,
        _ spoil: (inout [UInt8]) -> Void
    ) throws -> String? {
        let disk = shop.disk.crashed(.keepsAll)
        disk.spoil(path, spoil)
        if disk.bytes(of: path) == shop.disk.bytes(of: path) { return nil }
        return try outcome(shop, disk, path, &tally, mayEndEarlier: mayEndEarlier)
    }

    private func outcome(
        _ shop: SpoiltShop, _ disk: FaultyFileSystem, _ path: String, _ tally: inout Tally,
        mayEndEarlier: Bool = false
    ) throws -> String? {
        tally.rounds += 1
        let folder = shop.folder(disk)
        let problems = try folder.check().problems
        if let other = problems.first(where: { !$0.contains(path) }) {
            return "check speaks of something else: \(other)"
        }
        if problems.isEmpty { tally.harmless += 1 }
        do {
            if let difference = try shop.committed.difference(from: IndexReader(folder)) {
                return "a reader answers wrongly: \(difference)"
            }
        } catch let error as IndexError {
            tally.readerErrors += 1
            if !error.description.contains(path) { return "the reader's error names another place: \(error)" }
            if problems.isEmpty { return "check is clean, and a reader finds: \(error)" }
        }
        do {
            let writer = try IndexWriter(folder, .current)
            let isWhole = try shop.model.difference(from: writer.view()) == nil
            if !isWhole, problems.isEmpty, path.contains("/wal-"),
                try shop.endsEarlier(writer.view(), byBatches: mayEndEarlier)
            {
                return nil
            }
            guard isWhole else { return "a writer goes on from something else" }
            try writer.merge(to: 1)
            try writer.commit()
            if let difference = try shop.model.difference(from: IndexReader(folder)) {
                return "a merge makes damage true: \(difference)"
            }
        } catch let error as IndexError {
            tally.writerErrors += 1
            if !error.description.contains(path) { return "the writer's error names another place: \(error)" }
            if problems.isEmpty { return "check is clean, and a writer finds: \(error)" }
        }
        return nil
    }
}

/// A small index with files of every kind, and what should be found in it.
private struct SpoiltShop {
    let disk: FaultyFileSystem
    /// What the newest commit holds.
    let committed: ShopModel
    /// That, and the changes in the log behind it.
    let model: ShopModel
    /// Every state on the way from the one to the other.
    private let between: [ShopModel]
    /// Number of changes in the last batch.
    private let lastBatch: Int

    init(seed: UInt64) throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/shop", files: files)
        try IndexWriter(folder, .empty(try ShopModel.schema())).commit()
        let writer = try IndexWriter(folder, .current)
        var random = SplitMix64(seed: seed)
        var model = ShopModel()
        var last = 0
        func write(_ batches: Int) throws -> [ShopModel] {
            var states: [ShopModel] = []
            for _ in 0..<batches {
                let changes = ShopModel.changes(3 + random.below(6), &random)
                last = changes.count
                _ = try writer.write(try ShopModel.batch(changes, writer.members))
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
        // The process ends here, and nothing is tidied up.
        disk = files.crashed(.keepsAll)
    }

    func folder(_ files: FaultyFileSystem) -> IndexFolder { IndexFolder("/shop", files: files) }

    /// The files that count: the lock is empty, and segments that no commit names are nobody's.
    var paths: [String] {
        let folder = folder(disk)
        guard let manifest = try? folder.newestManifest() else { return [] }
        let place = folder.generationPath(manifest.generation) + "/"
        return disk.allFiles.filter { path in
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            return path == folder.currentPath || name.hasPrefix("manifest-")
                || path.hasPrefix(place) && (name.hasPrefix("wal-") || manifest.fileNames.contains(name))
        }
    }

    /// Whether a view is one of the states on the way: a log that ends early, as after a crash in the middle of a
    /// write, tells of no later change. One wrong byte does that to the last batch alone.
    func endsEarlier(_ view: IndexReader, byBatches: Bool) throws -> Bool {
        let states = byBatches ? between : between.suffix(lastBatch + 1)
        return try states.contains { try $0.difference(from: view) == nil }
    }
}

/// Something that may happen to a file.
private struct Edit {
    enum Kind: CaseIterable { case flip, zeros, noise, foreign, cut, twice, missing }
    var kind: Kind
    var place: Double
    var length: Int

    init(_ random: inout SplitMix64) {
        kind = random.pick(Kind.allCases)
        place = Double(random.below(1 << 20)) / Double(1 << 20)
        length = 1 + random.below(random.chance(50) ? 8 : 700)
    }

    func apply(to bytes: inout [UInt8], _ other: [UInt8], seed: UInt64) {
        if bytes.isEmpty { return }
        var random = SplitMix64(seed: seed)
        let at = Int(place * Double(bytes.count))
        let range = at..<min(at + length, bytes.count)
        switch kind {
        case .flip: bytes[at] ^= 1 << UInt8(random.below(8))
        case .zeros: for i in range { bytes[i] = 0 }
        case .noise: for i in range { bytes[i] = UInt8(random.below(256)) }
        case .foreign: for i in range where i < other.count { bytes[i] = other[i] }
        case .cut: bytes.removeSubrange(at...)
        case .twice: bytes.insert(contentsOf: bytes[range], at: at)
        case .missing: bytes.removeSubrange(range)
        }
    }
}
