import Glibc

/// The right to write into a folder, held by one process at a time.
///
/// An open-file-description lock on a small file that names its owner. The kernel drops it with the process, so a crash
/// leaves nothing to clean up.
public final class DirectoryLock: FileLock {
    private let descriptor: Int32

    /// Takes the lock at `path`, creating the file when needed; throws `locked` when somebody holds it.
    public init(_ path: String) throws(StorageError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last("open", path) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            let busy = code == EWOULDBLOCK
            var text = [UInt8](repeating: 0, count: 16)
            let n = busy ? pread(descriptor, &text, 15, 0) : 0
            guard busy else { throw .failed(operation: "lock", path: path, code: code) }
            let owner = Int32(String(decoding: text.prefix(max(n, 0)).prefix { $0 != 10 }, as: UTF8.self))
            throw .locked(path: path, owner: owner)
        }
        // Only for messages: a disk that is full, and cannot take it, is no reason not to write.
        let owner = Array("\(getpid())\n".utf8)
        if pwrite(descriptor, owner, owner.count, 0) == owner.count { ftruncate(descriptor, owner.count) }
    }

    // Also runs when `init` throws: the only property is set by then.
    deinit {
        // Closing alone would leave the lock to a child that is just being started and still has the descriptor.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
