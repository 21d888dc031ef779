import Foundation
import Testing

@testable import Catalog

@Suite struct AdminKeysTests {
    /// No key is lost, whoever else adds or removes keys.
    @Test func keysAreAddedAtTheSameTime() async throws {
        let shelf = BookShelf()
        let added = try await withThrowingTaskGroup(of: [String].self) { group in
            for i in 0..<8 {
                group.addTask {
                    // Each stands for a process: a handle of its own.
                    let keys = AdminKeys(shelf.folder)
                    return try (0..<10).map { j in
                        _ = try keys.add("gone \(i)")
                        let key = try keys.add("\(i) \(j)")
                        #expect(try keys.remove("gone \(i)"))
                        return key
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let keys = AdminKeys(shelf.folder)
        #expect(try keys.entries().count == 80)
        for key in added { #expect(try keys.admits(key)) }
        let mode = try FileManager.default.attributesOfItem(atPath: keys.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func nothingIsRemovedFromAFolderWithoutKeys() throws {
        let shelf = BookShelf()
        #expect(try !AdminKeys(shelf.folder).remove("none"))
        #expect(!FileManager.default.fileExists(atPath: shelf.path))
    }
}
