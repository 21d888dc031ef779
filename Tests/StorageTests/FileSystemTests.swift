import Glibc
import Storage
import Testing

@Suite struct FileSystemTests {
    private let folder = TemporaryFolder()
    private let files = PosixFileSystem()

    @Test func foldersAreCreatedWithTheirAncestors() throws {
        try files.makeDirectories(folder["a/b/c"])
        #expect(try files.isDirectory(folder["a/b/c"]))
        try files.makeDirectories(folder["a/b/c"])
        try files.makeDirectories(folder["a//b/d/"])
        #expect(try files.list(folder["a/b"]) == ["c", "d"])
    }

    @Test func aFileInTheWayOfAFolderIsAnError() {
        folder.write([1], to: "file")
        let below = storageError { try files.makeDirectories(folder["file/below"]) }
        #expect(below?.code == ENOTDIR)
        let same = storageError { try files.makeDirectories(folder["file"]) }
        #expect(same != nil, "a file is at the path of the folder")
        #expect(folder.read("file") == [1])
    }

    @Test func listIsSortedAndComplete() throws {
        let names = ["b", "a", "Ä", ".hidden", "10", "9", "z.tmp", String(repeating: "n", count: 255)]
        for name in names { folder.write([], to: name) }
        try files.makeDirectories(folder["folder"])
        #expect(try files.list(folder.path) == (names + ["folder"]).sorted())
        try files.makeDirectories(folder["folder/empty"])
        #expect(try files.list(folder["folder/empty"]) == [])
    }

    @Test func listingAnythingElseThanAFolderFails() {
        folder.write([], to: "file")
        let missing = folder["none"]
        #expect(storageError { _ = try files.list(missing) } == .missing(path: missing))
        #expect(storageError { _ = try files.list(folder["file"]) }?.code == ENOTDIR)
    }

    @Test func sizeExistenceAndKind() throws {
        folder.write([1, 2, 3], to: "three")
        #expect(try files.exists(folder["three"]))
        #expect(try files.exists(folder.path))
        #expect(try !files.exists(folder["none"]))
        #expect(try files.isDirectory(folder.path))
        #expect(try !files.isDirectory(folder["three"]))
        #expect(try !files.isDirectory(folder["none"]))
        #expect(try files.size(folder["three"]) == 3)
        let missing = folder["none"]
        #expect(storageError { _ = try files.size(missing) } == .missing(path: missing))
    }

    @Test func readGivesAllBytes() throws {
        folder.write([9, 8, 7], to: "file")
        folder.write([], to: "empty")
        #expect(try files.read(folder["file"]) == [9, 8, 7])
        #expect(try files.read(folder["empty"]) == [])
        let missing = folder["none"]
        #expect(storageError { _ = try files.read(missing) } == .missing(path: missing))
    }

    @Test func removingNothingSucceeds() throws {
        try files.remove(folder["none"])
        try files.removeTree(folder["none"])
        folder.write([1], to: "file")
        try files.remove(folder["file"])
        #expect(try !files.exists(folder["file"]))
    }

    @Test func removeRejectsFolders() throws {
        try files.makeDirectories(folder["kept"])
        #expect(storageError { try files.remove(folder["kept"]) }?.code == EISDIR)
        #expect(try files.isDirectory(folder["kept"]))
    }

    @Test func removeTreeRemovesEverythingInTheFolder() throws {
        try files.makeDirectories(folder["tree/a/b"])
        try files.makeDirectories(folder["tree/empty"])
        folder.write([1], to: "tree/file")
        folder.write([1], to: "tree/a/b/.hidden")
        folder.write([1], to: "beside")
        try files.removeTree(folder["tree"])
        #expect(try files.list(folder.path) == ["beside"])
        try files.removeTree(folder["beside"])
        #expect(try files.list(folder.path) == [], "a file is a tree of one")
    }

    /// The target of a link belongs to someone else.
    @Test func removeTreeRemovesLinksAndNotTheirTargets() throws {
        try files.makeDirectories(folder["tree"])
        try files.makeDirectories(folder["elsewhere"])
        folder.write([42], to: "elsewhere/precious")
        #expect(symlink(folder["elsewhere"], folder["tree/link"]) == 0)
        #expect(symlink(folder["nowhere"], folder["tree/dangling"]) == 0)
        do throws(StorageError) {
            try files.removeTree(folder["tree"])
        } catch {
            Issue.record("removeTree failed on a link: \(error)")
        }
        #expect(folder.read("elsewhere/precious") == [42])
        #expect(try !files.exists(folder["tree"]))
    }

    @Test func renameReplacesAndFailsOnMissing() throws {
        folder.write([1], to: "from")
        folder.write([2], to: "to")
        try files.rename(folder["from"], to: folder["to"])
        #expect(folder.read("to") == [1])
        #expect(folder.read("from") == nil)
        let from = folder["from"]
        #expect(storageError { try files.rename(from, to: folder["to"]) } == .missing(path: from))
        #expect(folder.read("to") == [1])
    }

    @Test func syncDirectoryRequiresAFolder() throws {
        try files.syncDirectory(folder.path)
        folder.write([], to: "file")
        #expect(storageError { try files.syncDirectory(folder["file"]) }?.code == ENOTDIR)
        let missing = folder["none"]
        #expect(storageError { try files.syncDirectory(missing) } == .missing(path: missing))
        #expect(folder.openDescriptors == 0)
    }

    @Test(arguments: [
        ("/a/b/c", "/a/b"), ("/a", "/"), ("a", "."), ("a/b", "a"), ("./a", "."), ("", "."),
    ])
    func parentIsTheContainingFolder(path: String, expected: String) {
        #expect(files.parent(of: path) == expected)
    }
}

@Suite struct ReplaceTests {
    private let folder = TemporaryFolder()
    private let files = PosixFileSystem()

    @Test func replaceLeavesNoOtherFile() throws {
        try files.replace(folder["CURRENT"], with: [1])
        #expect(folder.read("CURRENT") == [1])
        try files.replace(folder["CURRENT"], with: [2, 3])
        #expect(folder.read("CURRENT") == [2, 3])
        try files.replace(folder["CURRENT"], with: [])
        #expect(folder.read("CURRENT") == [])
        #expect(try files.list(folder.path) == ["CURRENT"])
        #expect(folder.openDescriptors == 0)
    }

    @Test func temporaryFilesOfACrashAreOverwritten() throws {
        folder.write([1], to: "CURRENT")
        folder.write([9, 9, 9, 9], to: "CURRENT.tmp")
        try files.replace(folder["CURRENT"], with: [2])
        #expect(folder.read("CURRENT") == [2])
        #expect(try files.list(folder.path) == ["CURRENT"])
    }

    @Test func aReaderKeepsTheOldBytes() throws {
        let old = [UInt8](repeating: 1, count: 10_000)
        folder.write(old, to: "CURRENT")
        let mapped = try MappedFile(folder["CURRENT"])
        let new = [UInt8](repeating: 2, count: 20_000)
        try files.replace(folder["CURRENT"], with: new)
        let isKept = withExtendedLifetime(mapped) { areSame(Array(mapped.bytes), old) }
        let isReplaced = areSame(folder.read("CURRENT"), new)
        #expect(isKept)
        #expect(isReplaced)
    }

    @Test func aFailureKeepsTheOldBytes() throws {
        folder.write([1], to: "CURRENT")
        try files.makeDirectories(folder["CURRENT.tmp"])
        #expect(storageError { try files.replace(folder["CURRENT"], with: [2]) } != nil)
        #expect(folder.read("CURRENT") == [1])
        try files.makeDirectories(folder["folder/inside"])
        #expect(storageError { try files.replace(folder["folder"], with: [2]) } != nil)
        #expect(try files.list(folder["folder"]) == ["inside"])
        #expect(folder.openDescriptors == 0)
    }
}
