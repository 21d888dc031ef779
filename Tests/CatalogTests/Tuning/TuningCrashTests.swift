import Segments
import Storage
import TestSupport
import Testing

@testable import Catalog

/// Revisions on a disk that fails, or loses its power, at every call.
@Suite struct TuningCrashTests {
    private static let path = "/catalog"

    private static func revision(_ number: Int) -> TuningRevision {
        TuningRevision(
            revision: number, time: 1, who: "editor", change: "synonyms", generation: 1, profile: nil, synonyms: [],
            rules: [])
    }

    private static func write(_ number: Int, _ files: FaultyFileSystem) throws {
        let folder = TuningFolder(IndexFolder(path, files: files))
        try folder.locked { () throws(CatalogError) in try folder.write(Self.revision(number)) }
    }

    /// A disk with as many revisions as are kept, so that the next one removes one.
    private static func disk() throws -> FaultyFileSystem {
        let files = FaultyFileSystem()
        for number in 1...TuningFolder.kept { try write(number, files) }
        return files
    }

    private static let calls: Int = {
        guard let files = try? disk() else { return 0 }
        files.set(.nothing)
        try? write(TuningFolder.kept + 1, files)
        return files.calls
    }()

    @Test func aCrashLeavesTheOldRevisionOrTheNewOne() throws {
        let old = TuningFolder.kept
        #expect(Self.calls > 5)
        for stop in 1...Self.calls {
            for crash in FaultyFileSystem.Crash.allCases {
                let files = try Self.disk()
                files.set(.stop(at: stop))
                let isWritten = (try? Self.write(old + 1, files)) != nil
                let after = files.crashed(crash, seed: UInt64(stop))
                let folder = TuningFolder(IndexFolder(Self.path, files: after))
                let newest = try #require(try folder.newestRevision())
                let possible = (isWritten ? [] : [Self.revision(old)]) + [Self.revision(old + 1)]
                #expect(possible.contains(newest))
                try Self.write(newest.revision + 1, after)
                #expect(try folder.newest() == newest.revision + 1)
                #expect(try folder.revisions().count == TuningFolder.kept)
            }
        }
    }

    @Test func aFailingDiskLeavesTheOldRevisionOrTheNewOne() throws {
        let old = TuningFolder.kept
        for call in 1...Self.calls {
            let files = try Self.disk()
            files.set(.fail(at: call, code: 5))
            _ = try? Self.write(old + 1, files)
            files.set(.nothing)
            let folder = TuningFolder(IndexFolder(Self.path, files: files))
            let newest = try folder.newestRevision()
            #expect([Self.revision(old), Self.revision(old + 1)].contains(newest))
            try Self.write(old + 2, files)
            #expect(try folder.newest() == old + 2)
        }
    }
}
