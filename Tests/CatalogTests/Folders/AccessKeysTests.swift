import Foundation
import Synchronization
import Testing

@testable import Catalog

@Suite struct AccessKeysTests {
    /// No key is lost, whoever else adds or removes keys.
    @Test func keysAreAddedAtTheSameTime() throws {
        let shelf = BookShelf()
        let added = Mutex<[String]>([])
        let failures = Mutex<[String]>([])
        // Threads of their own: those of the tests may all be busy. Each stands for a process, with its own handle.
        let threads = (0..<8).map { i in
            Thread {
                let keys = AccessKeys(shelf.folder)
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
        let keys = AccessKeys(shelf.folder)
        #expect(try keys.entries().count == 80)
        #expect(added.withLock { $0.count } == 80)
        for key in added.withLock({ $0 }) { #expect(try keys.access(of: key) != nil) }
        #expect(try keys.access(of: "quire_admin_0") == nil)
        let mode = try FileManager.default.attributesOfItem(atPath: keys.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    /// Keys permit what their role says; a file without roles has keys that permit everything.
    @Test func keysHaveRoles() throws {
        let shelf = BookShelf()
        let keys = AccessKeys(shelf.folder)
        for role in AccessRole.allCases {
            let key = try keys.add("\(role)", role)
            #expect(key.hasPrefix("quire_\(role)_"))
            #expect(try keys.access(of: key)?.role == role)
        }
    }

    /// The keys of earlier versions permit everything; a file of this one that lacks a role does not.
    @Test func keysOfEarlierVersionsPermitEverything() throws {
        let shelf = BookShelf()
        let keys = AccessKeys(shelf.folder)
        let key = try keys.add("search", .search)
        let text = try String(contentsOfFile: keys.path, encoding: .utf8)
        let old = Data(text.replacing(/\ *"role" : "[a-z]+",\n/, with: "").utf8)
        #expect(old.count < text.utf8.count)
        try old.write(to: URL(filePath: keys.path))
        #expect(throws: CatalogError.self) { try keys.access(of: key) }
        try FileManager.default.removeItem(atPath: keys.path)
        try old.write(to: URL(filePath: shelf.path + "/admin-keys.json"))
        #expect(try keys.access(of: key)?.role == .admin)
        // The first change writes a file that they do not read.
        let other = try keys.add("other", .search)
        #expect(try keys.access(of: key)?.role == .admin)
        #expect(try keys.access(of: other)?.role == .search)
        #expect(try Data(contentsOf: URL(filePath: shelf.path + "/admin-keys.json")) == old)
    }

    @Test(arguments: AccessRole.allCases) func rolesPermitSearches(_ role: AccessRole) {
        #expect(role.permits(role))
        #expect(role.permits(.search))
        #expect(AccessRole.admin.permits(role))
        #expect(AccessRole.search.permits(role) == (role == .search))
        #expect(AccessRole.write.permits(.tune) == false)
        #expect(AccessRole.tune.permits(.write) == false)
    }

    /// A key that was removed is refused at once, also by a process that has read the file lately.
    @Test func removedKeysAreRefusedAtOnce() throws {
        let shelf = BookShelf()
        let (server, command) = (AccessKeys(shelf.folder), AccessKeys(shelf.folder))
        for number in 0..<50 {
            let key = try command.add("key", .search)
            // An old file is not read again.
            if number % 2 == 0 { try age(server.path) }
            for _ in 0...1 { #expect(try server.access(of: key) != nil) }
            #expect(try command.remove("key"))
            #expect(try server.access(of: key) == nil)
        }
    }

    /// A key ends with the file that it stands in, whatever is done to it: others may do so by hand.
    @Test(arguments: ["move", "remove", "replace", "write"]) func keysEndWithTheirFile(_ change: String) throws {
        let (shelf, otherShelf) = (BookShelf(), BookShelf())
        let (keys, others) = (AccessKeys(shelf.folder), AccessKeys(otherShelf.folder))
        let key = try keys.add("key", .search)
        let other = try others.add("other", .write)
        try age(keys.path)
        // A second name of the file, as of a copy by hard links, changes nothing.
        for number in 0...2 {
            #expect(try keys.access(of: key)?.name == "key")
            try FileManager.default.linkItem(atPath: keys.path, toPath: "\(keys.path).\(number)")
        }
        switch change {
        case "move": try FileManager.default.moveItem(atPath: keys.path, toPath: keys.path + ".old")
        case "remove": try FileManager.default.removeItem(atPath: keys.path)
        case "replace":
            try FileManager.default.removeItem(atPath: keys.path)
            try FileManager.default.moveItem(atPath: others.path, toPath: keys.path)
        default: try Data(contentsOf: URL(filePath: others.path)).write(to: URL(filePath: keys.path))
        }
        #expect(try keys.access(of: key) == nil)
        let isThere = change == "replace" || change == "write"
        #expect(try keys.access(of: other)?.role == (isThere ? .write : nil))
    }

    /// Makes a file an hour old.
    private func age(_ path: String) throws {
        try FileManager.default.setAttributes([.modificationDate: Date() - 3600], ofItemAtPath: path)
    }

    @Test func nothingIsRemovedFromAFolderWithoutKeys() throws {
        let shelf = BookShelf()
        #expect(try !AccessKeys(shelf.folder).remove("none"))
        #expect(!FileManager.default.fileExists(atPath: shelf.path))
    }

    /// A key that was right a moment ago, and one that is derived from it, are wrong as soon as it is removed.
    @Test func removedKeysAreForgotten() throws {
        let shelf = BookShelf()
        let keys = AccessKeys(shelf.folder)
        let (key, other) = (try keys.add("storefront", .search), try keys.add("other", .write))
        let scoped = ScopedKey(AccessScope(filter: "kind:=a"), of: "storefront").text(signedBy: key)
        // What is read is only remembered of a file that is some seconds old.
        let old: [FileAttributeKey: Any] = [.modificationDate: Date(timeIntervalSinceNow: -60)]
        try FileManager.default.setAttributes(old, ofItemAtPath: keys.path)
        for _ in 0..<3 {
            #expect(try keys.access(of: key)?.name == "storefront")
            #expect(try keys.access(of: scoped)?.scope?.filter == "kind:=a")
            #expect(try keys.access(of: key + "0") == nil)
        }
        #expect(try AccessKeys(shelf.folder).remove("storefront"))
        #expect(try keys.access(of: key) == nil)
        #expect(try keys.access(of: scoped) == nil)
        #expect(try keys.access(of: other)?.role == .write)
    }
}
