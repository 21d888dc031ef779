public import Storage

/// What can go wrong with an index. Every case is a sentence that names the place and the remedy.
public enum IndexError: Error, Equatable, CustomStringConvertible {
    /// A file operation failed.
    case storage(StorageError)
    /// A schema cannot be used; `problem` says which part and why.
    case schema(problem: String)
    /// A document cannot be indexed; `problem` says which field and why.
    case document(problem: String)
    /// Bytes are not what was written: `section` of `file`, near `offset` bytes from the section's start.
    case corrupt(file: String, section: String, offset: Int, problem: String)
    /// A file or folder that Quire did not write stands where only Quire's may.
    case foreign(path: String, problem: String)
    /// There is no index in a folder yet.
    case empty(path: String)
    /// An index was written by another format.
    case format(path: String, found: Int, supported: Int)
    /// An analyzer makes other tokens than when the index was built.
    case analyzer(path: String, name: String)
    /// A request names a field or asks for something the schema does not offer.
    case request(problem: String)
    /// A writer was ended by an earlier error.
    case stopped(reason: String)
    /// Too many changes are waiting to be written.
    case busy

    /// The error as a sentence with its remedy.
    public var description: String {
        switch self {
        case .storage(let error): return error.description
        case .schema(let problem): return "the schema is not usable: \(problem)"
        case .document(let problem): return problem
        case .corrupt(let file, let section, let offset, let problem):
            return "\(file) is damaged: \(section), near byte \(offset): \(problem); "
                + "run `quire check`, then rebuild with `quire index`"
        case .foreign(let path, let problem):
            return "\(path) is not Quire's: \(problem); move it away or choose another data folder"
        case .empty(let path):
            return "there is no index in \(path) yet; make one with `quire index`"
        case .format(let path, let found, let supported):
            return "\(path) has format \(found), this program reads format \(supported); rebuild it with `quire index`"
        case .analyzer(let path, let name):
            return
                "\(path) was built when the analyzer \"\(name)\" made other tokens (another version of Quire or ICU); "
                + "rebuild it with `quire index`"
        case .request(let problem): return problem
        case .stopped(let reason):
            return "the writer has stopped (\(reason)); what was acknowledged is safe: open it again"
        case .busy: return "too many changes are waiting to be written; send these again later"
        }
    }
}

/// Runs file operations inside an engine function.
@inline(__always)
func storing<T>(_ body: () throws(StorageError) -> T) throws(IndexError) -> T {
    do { return try body() } catch { throw .storage(error) }
}

extension IndexError {
    var isMissingFile: Bool {
        if case .storage(.missing) = self { return true }
        return false
    }

    /// A file that a manifest names and that is not there is damage, not a misspelt path.
    var asDamage: IndexError {
        guard case .storage(.missing(let path)) = self else { return self }
        return .corrupt(file: path, section: "the file", offset: 0, problem: "a manifest names it, and it is not there")
    }
}
