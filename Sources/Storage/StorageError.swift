import Glibc

/// What can go wrong with files. Each case says which file and what to do about it.
public enum StorageError: Error, Equatable, CustomStringConvertible {
    /// A system call failed; `code` is `errno`.
    case failed(operation: String, path: String, code: Int32)
    /// The file or folder is not there.
    case missing(path: String)
    /// Another process holds the writer's lock; `owner` is its process id when known.
    case locked(path: String, owner: Int32?)
    /// Compressed input ends in the middle of a member, after `offset` compressed bytes.
    case truncated(path: String, offset: Int)
    /// Compressed input is not what it claims, at about `offset` compressed bytes.
    case damaged(path: String, offset: Int, reason: String)
    /// A write-ahead log cannot be read from a record on that had been acknowledged.
    case damagedLog(path: String, offset: Int, reason: String)

    /// The error as a sentence with its remedy.
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
        case .missing(let path):
            return "there is no \(path); check the spelling and the working directory"
        case .locked(let path, let owner):
            let who = owner.map { "process \($0)" } ?? "another process"
            return "\(who) is writing here (it holds \(path)); wait until it ends or stop it, then run again"
        case .truncated(let path, let offset):
            return "\(path) ends in the middle of its compressed data (after byte \(offset)); "
                + "the copy is incomplete: fetch the file again"
        case .damaged(let path, let offset, let reason):
            return "\(path) is damaged near compressed byte \(offset) (\(reason)); fetch the file again"
        case .damagedLog(let path, let offset, let reason):
            return "\(path) is damaged near byte \(offset) (\(reason)), and acknowledged changes are behind it; "
                + "restore a backup, or rebuild with `quire index`"
        }
    }

    /// Whether the disk, or the share of it that one may use, is full: what was tried can be tried again.
    public var isDiskFull: Bool {
        if case .failed(_, _, let code) = self { return code == ENOSPC || code == EDQUOT }
        return false
    }

    /// Something else stands where a folder should be made.
    static func isInTheWay(_ path: String) -> StorageError {
        .failed(operation: "make the folder", path: path, code: EEXIST)
    }

    /// The error of the system call that just failed.
    static func last(_ operation: String, _ path: String) -> StorageError {
        errno == ENOENT ? .missing(path: path) : .failed(operation: operation, path: path, code: errno)
    }
}
