import TestSupport
import Testing

@testable import Indexer
@testable import Segments

@Suite struct BackupTests {
    /// A writer goes on while a backup is made: the backup contains all acknowledged changes.
    @Test func backupsOfALiveIndexAreConsistent() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        try IndexWriter(folder, .empty(try DurabilityModel.schema())).commit()
        var options = LiveOptions()
        options.refreshAfter = .milliseconds(1)
        options.commitAfter = .milliseconds(1)
        options.mergePolicy.width = 2
        let live = try LiveIndex(folder, options)
        var random = SplitMix64(seed: SplitMix64.varied(90))
        var model = DurabilityModel()
        for number in 0..<40 {
            let changes = DurabilityModel.changes(1 + random.below(8), &random)
            _ = try live.write(try DurabilityModel.batch(changes, live.members))
            for change in changes { _ = model.apply(change) }
            let report = try folder.backUp(to: "/copy\(number)")
            let copy = IndexFolder("/copy\(number)", files: files)
            #expect(try copy.check().problems == [])
            #expect(report.documents == (try copy.newestManifest())?.documents)
            let writer = try IndexWriter(copy, .current)
            #expect(try model.difference(from: try writer.view()) == nil)
        }
        try live.close()
    }

    @Test func backupsInsideTheIndexAreRefused() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        try IndexWriter(folder, .empty(try DurabilityModel.schema())).commit()
        for path in ["/index", "/index/copy", "/index/generations/9"] {
            #expect(throws: IndexError.self) { try folder.backUp(to: path) }
        }
        #expect(try folder.check().problems == [])
    }

    @Test func existingTargetsAreRefused() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        #expect(throws: IndexError.self) { try folder.backUp(to: "/copy") }
        try IndexWriter(folder, .empty(try DurabilityModel.schema())).commit()
        _ = try folder.backUp(to: "/copy")
        #expect {
            try folder.backUp(to: "/copy")
        } throws: { "\($0)".contains("something is there already") }
        #expect(try IndexFolder("/copy", files: files).check().problems == [])
    }

    /// On another disk nothing can be linked.
    @Test func unlinkableFilesAreCopied() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        try IndexWriter(folder, .empty(try DurabilityModel.schema())).commit()
        var random = SplitMix64(seed: 91)
        let live = try LiveIndex(folder)
        _ = try live.write(try DurabilityModel.batch(DurabilityModel.changes(20, &random), live.members))
        try live.commit()
        try live.close()
        // 18 is EXDEV. Whichever link fails, the file is copied.
        var copied = 0
        for call in 1...40 {
            files.set(.fail(at: call, code: 18))
            guard let report = try? folder.backUp(to: "/copy\(call)") else { continue }
            copied += report.copied
            files.set(.nothing)
            #expect(try IndexFolder("/copy\(call)", files: files).check().problems == [])
        }
        #expect(copied >= 2)
    }
}
