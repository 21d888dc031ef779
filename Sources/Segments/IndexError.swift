public import Storage

/// An error of an index. Every description is a sentence that names the place and the remedy.
///
/// Errors about a request or a document leave the index and its writer as they were; those about files end a writer
/// (see `IndexWriter`).
public enum IndexError: Error, Equatable, CustomStringConvertible {
    /// A file operation failed.
    case storage(StorageError)
    /// A schema cannot be used; `problem` says which part and why.
    case schema(problem: String)
    /// A document cannot be indexed; `problem` says which field and why.
    case document(problem: String)
    /// Bytes are not what was written: `section` of `file`, near `offset` bytes from the section's start.
    case corrupt(file: String, section: String, offset: Int, problem: String)
    /// A file or folder that Quire did not create is where only Quire's may be.
    case foreign(path: String, problem: String)
    /// There is no index in the folder yet.
    case empty(path: String)
    /// The file was written in another version of the format.
    case format(path: String, found: Int, supported: Int)
    /// An analyzer produces other tokens than when the index was built.
    case analyzer(path: String, name: String)
    /// A request names a field, or needs a property of one, that the schema does not have.
    case request(problem: String)
    /// A search-after position does not fit the sort order of the search.
    case searchAfterMismatch
    /// The writer was ended, by an earlier error or by its caller.
    case stopped(reason: String)
    /// While a writer could not write, the index was built again with another schema: what is written to it would not
    /// fit.
    case rebuilt(path: String)
    /// The queue of changes that wait for the writer is full.
    case busy

    /// The error as a sentence with its remedy.
    public var description: String {
        switch self {
        case .storage(let error): return error.description
        case .schema(let problem): return "the schema is not usable: \(problem)"
        case .document(let problem): return problem
        case .corrupt(let file, let section, let offset, let problem):
            return "\(file) is corrupt: \(section), near byte \(offset): \(problem); "
                + "run `quire check`, then rebuild with `quire index`"
        case .foreign(let path, let problem):
            return "\(path) is not Quire's: \(problem); move it away or choose another data folder"
        case .empty(let path): return "there is no index in \(path) yet; make one with `quire index`"
        case .format(let path, let found, let supported):
            return "\(path) has format \(found), this program reads format \(supported); rebuild it with `quire index`"
        case .analyzer(let path, let name):
            return
                "\(path) was built when the analyzer \"\(name)\" produced other tokens (another version of Quire or "
                + "ICU); rebuild it with `quire index`"
        case .request(let problem): return problem
        case .searchAfterMismatch: return "the search-after position does not fit the sort order of the search"
        case .stopped(let reason):
            return "the writer has stopped (\(reason)); what was acknowledged is safe: open it again"
        case .rebuilt(let path): return "\(path) was rebuilt with another schema; open it again"
        case .busy: return "too many changes are waiting to be written; send these again later"
        }
    }
}

/// Runs file operations and wraps their errors in `IndexError.storage`.
@inline(__always)
public func storing<T>(_ body: () throws(StorageError) -> T) throws(IndexError) -> T {
    do { return try body() } catch { throw .storage(error) }
}

extension IndexError {
    /// True if a file that was to be read does not exist.
    public var isMissingFile: Bool {
        if case .storage(.missing) = self { return true }
        return false
    }

    /// The error of a missing file as `corrupt`, for files that a manifest names: their absence is corruption, not a
    /// misspelled path. Other errors are unchanged.
    public var asCorruption: IndexError {
        guard case .storage(.missing(let path)) = self else { return self }
        return .corrupt(file: path, section: "the file", offset: 0, problem: "a manifest names it, and it is not there")
    }
}
