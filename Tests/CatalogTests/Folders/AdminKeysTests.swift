import Foundation
import Synchronization
import Testing

@testable import Catalog

@Suite struct AdminKeysTests {
    /// No key is lost, whoever else adds or removes keys.
    @Test func keysAreAddedAtTheSameTime() throws {
        let shelf = BookShelf()
        let added = Mutex<[String]>([])
        let failures = Mutex<[String]>([])
        // Threads of their own: those of the tests may all be busy. Each stands for a process, with its own handle.
        let threads = (0..<8).map { i in
            Thread {
                let keys = AdminKeys(shelf.folder)
                for j in 0..<10 {
                    do {
                        _ = try keys.add("gone \(i)")
                        let key = try keys.add("\(i) \(j)")
                        added.withLock { $0.append(key) }
                        if try !keys.remove("gone \(i)") { failures.withLock { $0.append("gone \(i) is gone") } }
                    } catch {
                        failures.withLock { $0.append("\(error)") }
                    }
                }
            }
        }
        for thread in threads { thread.start() }
        while !threads.allSatisfy(\.isFinished) { sched_yield() }
        #expect(failures.withLock { $0 } == [])
        let keys = AdminKeys(shelf.folder)
        #expect(try keys.entries().count == 80)
        #expect(added.withLock { $0.count } == 80)
        for key in added.withLock({ $0 }) { #expect(try keys.name(of: key) != nil) }
        #expect(try keys.name(of: "quire_admin_0") == nil)
        let mode = try FileManager.default.attributesOfItem(atPath: keys.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func nothingIsRemovedFromAFolderWithoutKeys() throws {
        let shelf = BookShelf()
        #expect(try !AdminKeys(shelf.folder).remove("none"))
        #expect(!FileManager.default.fileExists(atPath: shelf.path))
    }
}
