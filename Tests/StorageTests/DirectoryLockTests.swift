import Dispatch
import Glibc
import Storage
import Testing

@Suite struct DirectoryLockTests {
    private let folder = TemporaryFolder()

    private func attempt() -> StorageError? {
        storageError { _ = try DirectoryLock(folder["lock"]) }
    }

    @Test func aSecondLockFailsAndNamesTheOwner() throws {
        let lock = try DirectoryLock(folder["lock"])
        for _ in 0..<3 {
            #expect(attempt() == .locked(path: folder["lock"], owner: getpid()))
        }
        #expect(folder.openDescriptors == 1, "a failed attempt leaves no descriptor")
        #expect(folder.read("lock") == Array("\(getpid())\n".utf8), "a failed attempt keeps the owner")
        withExtendedLifetime(lock) {}
    }

    /// A child process that is being started has copies of the descriptors of its parent for a moment, which must not
    /// keep the lock.
    @Test func copiesOfADescriptorDoNotKeepTheLock() throws {
        var lock: DirectoryLock? = try DirectoryLock(folder["lock"])
        withExtendedLifetime(lock) {}
        let name = folder["lock"]
        var lockDescriptors: [Int32] = []
        for descriptor in Int32(3)..<4096 {
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(descriptor)", &target, 4095)
            let path = String(decoding: target.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            if path == name { lockDescriptors.append(descriptor) }
        }
        #expect(lockDescriptors.count == 1)
        let copies = lockDescriptors.map { dup($0) }
        lock = nil
        #expect(throws: Never.self) { _ = try DirectoryLock(name) }
        for copy in copies { close(copy) }
    }

    /// A failed attempt closes its descriptor once: closed again, the number may belong to a file of another thread by
    /// then. One thread fails to lock while the other checks files of its own.
    @Test func aFailedAttemptClosesNoOtherFile() throws {
        let path = folder["lock"]
        let lock = try DirectoryLock(path)
        nonisolated(unsafe) var closedByOther = 0
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            if thread == 0 {
                for _ in 0..<3000 { _ = try? DirectoryLock(path) }
            } else {
                for _ in 0..<20_000 {
                    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    for _ in 0..<5 where fcntl(descriptor, F_GETFD) < 0 { closedByOther += 1 }
                    close(descriptor)
                }
            }
        }
        #expect(closedByOther == 0)
        withExtendedLifetime(lock) {}
    }

    @Test func releasingTheObjectReleasesTheLock() throws {
        for _ in 0..<3 {
            let lock = try DirectoryLock(folder["lock"])
            withExtendedLifetime(lock) {}
        }
        #expect(folder.openDescriptors == 0)
        _ = try DirectoryLock(folder["lock"])
    }

    @Test func locksOfTwoFoldersAreIndependent() throws {
        let first = try DirectoryLock(folder["lock"])
        let second = try DirectoryLock(folder["other"])
        #expect(folder.openDescriptors == 2)
        withExtendedLifetime((first, second)) {}
    }

    @Test func theFileOfADeadOwnerIsOverwritten() throws {
        folder.write(Array("123456789012345678901234567890\n and more".utf8), to: "lock")
        let lock = try DirectoryLock(folder["lock"])
        #expect(folder.read("lock") == Array("\(getpid())\n".utf8))
        withExtendedLifetime(lock) {}
    }

    /// The holder may not have written its process id yet, and the file may contain anything.
    @Test(arguments: ["", "\n", "somebody\n", "99999999999999999999", "12 34\n", "-"])
    func anUnreadableOwnerIsUnknown(text: String) {
        folder.write(Array(text.utf8), to: "lock")
        let holder = open(folder["lock"], O_RDWR | O_CLOEXEC)
        defer { close(holder) }
        #expect(flock(holder, LOCK_EX | LOCK_NB) == 0)
        #expect(attempt() == .locked(path: folder["lock"], owner: nil))
    }

    @Test func aMissingFolderIsNamed() {
        let path = folder["none/lock"]
        #expect(storageError { _ = try DirectoryLock(path) } == .missing(path: path))
    }

    /// `flock` of util-linux holds the lock in another process, which writes its process id, waits and is killed.
    @Test(.enabled(if: access("/usr/bin/flock", X_OK) == 0))
    func aKilledProcessLeavesNoLock() throws {
        let path = folder["lock"]
        let command = "exec /usr/bin/flock --no-fork '\(path)' sh -c 'echo $$ >\"\(path)\"; echo $$; exec sleep 60'"
        let output = try #require(popen(command, "r"))
        var line = [CChar](repeating: 0, count: 32)
        let hasLine = fgets(&line, 32, output) != nil
        let text = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let owner = Int32(text) ?? 0
        #expect(hasLine)
        #expect(owner > 1)
        #expect(attempt() == .locked(path: path, owner: owner))
        if owner > 1 { #expect(kill(owner, SIGKILL) == 0) }
        pclose(output)
        let lock = try DirectoryLock(path)
        #expect(folder.read("lock") == Array("\(getpid())\n".utf8))
        withExtendedLifetime(lock) {}
    }
}
