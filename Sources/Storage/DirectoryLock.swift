import Glibc

/// The exclusive right to write into a folder, held by one process at a time.
///
/// It is a `flock` on a small file that names its owner, and is held until the object is released. The kernel drops it
/// with the process, so that a crash leaves nothing to clean up.
public final class DirectoryLock: FileLock {
    private let descriptor: Int32

    /// Acquires the lock at `path`; creates the file when it does not exist. With `waits` it blocks while another
    /// process, or another object of this one, holds the lock.
    ///
    /// Errors: without `waits`, `locked` when the lock is held; `failed` or `missing` when the file cannot be opened.
    public init(_ path: String, waits: Bool = false) throws(StorageError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last("open", path) }
        var result: Int32
        repeat { result = flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) } while result != 0 && errno == EINTR
        if result != 0 {
            let code = errno
            let isHeld = code == EWOULDBLOCK
            var text = [UInt8](repeating: 0, count: 16)
            let n = isHeld ? pread(descriptor, &text, 15, 0) : 0
            guard isHeld else { throw .failed(operation: "lock", path: path, code: code) }
            let owner = Int32(String(decoding: text.prefix(max(n, 0)).prefix { $0 != 10 }, as: UTF8.self))
            throw .locked(path: path, owner: owner)
        }
        // The owner serves messages only: when a full disk cannot store it, the lock is held all the same.
        let owner = Array("\(getpid())\n".utf8)
        if pwrite(descriptor, owner, owner.count, 0) == owner.count { ftruncate(descriptor, owner.count) }
    }

    // Also runs when `init` throws: the only property is set by then.
    deinit {
        // Closing alone would leave the lock to a child process that is being started and still has the descriptor.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
