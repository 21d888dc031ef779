import OracleSupport
import Testing

@testable import Indexer

@Suite struct BackupTests {
    /// A writer goes on while a copy is made: the copy is one of the states it had.
    @Test func copiesOfALiveIndexAreWhole() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/shop", files: files)
        try IndexWriter(folder, .empty(try ShopModel.schema())).commit()
        var options = LiveOptions()
        options.refreshAfter = .milliseconds(1)
        options.commitAfter = .milliseconds(1)
        options.mergePolicy.width = 2
        let live = try LiveIndex(folder, options)
        var random = SplitMix64(seed: SplitMix64.varied(90))
        var model = ShopModel()
        for number in 0..<40 {
            let changes = ShopModel.changes(1 + random.below(8), &random)
            _ = try live.write(try ShopModel.batch(changes, live.members))
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

    @Test func refusesToLieInTheIndex() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/shop", files: files)
        try IndexWriter(folder, .empty(try ShopModel.schema())).commit()
        for path in ["/shop", "/shop/copy", "/shop/generations/9"] {
            #expect(throws: IndexError.self) { try folder.backUp(to: path) }
        }
        #expect(try folder.check().problems == [])
    }

    @Test func refusesWhatIsThere() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/shop", files: files)
        #expect(throws: IndexError.self) { try folder.backUp(to: "/copy") }
        try IndexWriter(folder, .empty(try ShopModel.schema())).commit()
        _ = try folder.backUp(to: "/copy")
        #expect {
            try folder.backUp(to: "/copy")
        } throws: { "\($0)".contains("something is there already") }
        #expect(try IndexFolder("/copy", files: files).check().problems == [])
    }

    /// Another disk, where nothing can be linked.
    @Test func copiesWhatCannotBeLinked() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/shop", files: files)
        try IndexWriter(folder, .empty(try ShopModel.schema())).commit()
        var random = SplitMix64(seed: 91)
        let live = try LiveIndex(folder)
        _ = try live.write(try ShopModel.batch(ShopModel.changes(20, &random), live.members))
        try live.commit()
        try live.close()
        // 18 is EXDEV. Whichever link it hits, the file is copied.
        var copied = 0
        for at in 1...40 {
            files.set(.fail(at: at, code: 18))
            guard let report = try? folder.backUp(to: "/copy\(at)") else { continue }
            copied += report.copied
            files.set(.nothing)
            #expect(try IndexFolder("/copy\(at)", files: files).check().problems == [])
        }
        #expect(copied >= 2)
    }
}
