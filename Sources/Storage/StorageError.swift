import Glibc

/// An error of a file operation. Each case names the file; `description` adds the remedy.
public enum StorageError: Error, Equatable, CustomStringConvertible {
    /// A system call failed. `operation` completes the sentence "cannot … path"; `code` is `errno`.
    case failed(operation: String, path: String, code: Int32)
    /// The file or folder does not exist (`ENOENT`).
    case missing(path: String)
    /// Another process holds the writer's lock; `owner` is its process id when known.
    case locked(path: String, owner: Int32?)
    /// Compressed input ends in the middle of a gzip member, after `offset` compressed bytes.
    case truncated(path: String, offset: Int)
    /// Compressed input is corrupt at about `offset` compressed bytes; `reason` is zlib's message.
    case corrupt(path: String, offset: Int, reason: String)
    /// A write-ahead log is corrupt from byte `offset` on, before records that had been acknowledged.
    case corruptLog(path: String, offset: Int, reason: String)

    /// The error as one sentence with its remedy.
    public var description: String {
        switch self {
        case .failed(let operation, let path, let code):
            let reason = String(cString: strerror(code))
            let hint =
                switch code {
                case EACCES, EPERM, EROFS: "; check the permissions of the file and its folder"
                case ENOSPC, EDQUOT: "; free some disk space and run again"
                case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n)"
                default: ""
                }
            return "cannot \(operation) \(path): \(reason)\(hint)"
        case .missing(let path): return "there is no \(path); check the spelling and the working directory"
        case .locked(let path, let owner):
            let who = owner.map { "process \($0)" } ?? "another process"
            return "\(who) is writing here (it holds \(path)); wait until it ends or stop it, then run again"
        case .truncated(let path, let offset):
            return "\(path) ends in the middle of its compressed data (after byte \(offset)); "
                + "the copy is incomplete: fetch the file again"
        case .corrupt(let path, let offset, let reason):
            return "\(path) is corrupt near compressed byte \(offset) (\(reason)); fetch the file again"
        case .corruptLog(let path, let offset, let reason):
            return "\(path) is corrupt near byte \(offset) (\(reason)), and acknowledged changes follow it; "
                + "restore a backup, or rebuild with `quire index`"
        }
    }

    /// True if the process or the system has as many open files as it may: the operation may succeed in a moment.
    public var isOutOfDescriptors: Bool {
        if case .failed(_, _, let code) = self { return code == EMFILE || code == ENFILE }
        return false
    }

    /// True if the disk or the user's quota is full: the operation may succeed once space has been freed.
    public var isDiskFull: Bool {
        if case .failed(_, _, let code) = self { return code == ENOSPC || code == EDQUOT }
        return false
    }

    /// The error that something else than a folder is at the path of a folder to be created.
    static func isInTheWay(_ path: String) -> StorageError {
        .failed(operation: "make the folder", path: path, code: EEXIST)
    }

    /// The error of the system call that just failed, from `errno`.
    static func last(_ operation: String, _ path: String) -> StorageError {
        errno == ENOENT ? .missing(path: path) : .failed(operation: operation, path: path, code: errno)
    }
}
