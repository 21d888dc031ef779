public import Indexer
public import Segments
public import Storage

/// An error of a catalog. Its description is a sentence that names the place and the remedy.
///
/// Descriptions may contain paths of the server: `Problem` and `WriteFailure` have the texts for clients.
public enum CatalogError: Error, Equatable, CustomStringConvertible {
    /// An error of the engine.
    case index(IndexError)
    /// An error of the input: a file or a record.
    case input(InputError)
    /// A file operation failed.
    case storage(StorageError)
    /// A search profile is not valid JSON, or does not fit the schema.
    case profile(path: String, problem: String)
    /// A file of queries or judgments is not valid. Lines count from 1; line 0 is the file as a whole.
    case evaluation(path: String, line: Int, problem: String)
    /// A text is not a valid catalog name.
    case name(String)
    /// No catalog has the name; `known` are the names of the existing ones, sorted.
    case unknown(String, known: [String])
    /// A catalog of the name exists already, in the folder `path`.
    case exists(String, path: String)
    /// The catalog of the name has a schema that was given: an inferred one does not replace it.
    case schemaGiven(String)
    /// Records of the input are not valid and nothing was indexed: the descriptions of the first ones, and how many
    /// there are. `isComplete` is false if the job stopped before the end of the input.
    case badRecords([String], count: Int, isComplete: Bool)
    /// The file of admin keys is not valid, or a key of the name exists already.
    case keys(path: String, problem: String)
    /// The file of a tuning revision is corrupt.
    case tuning(path: String, problem: String)
    /// There is no tuning revision of this number; `known` are the numbers of those that are kept, ascending.
    case unknownRevision(Int, known: [Int])
    /// A change of the tuning was made from another revision than the newest; 0 if there is none.
    case outdatedRevision(newest: Int)
    /// A parameter of a request is not valid, or does not fit the catalog.
    case request(RequestProblem)
    /// The snapshot that a cursor belongs to is no longer kept.
    case cursorExpired(RequestProblem)
    /// So many snapshots are kept for cursors in use that there is no room for another one.
    case tooManyCursors
    /// A catalog cannot be opened, which was reported already; `reason` is a sentence for clients. `isTemporary` means
    /// that it may be opened later without repair.
    case unavailable(String, reason: String, isTemporary: Bool)

    /// The error as a sentence with its remedy.
    public var description: String {
        switch self {
        case .index(let error): return error.description
        case .input(let error): return error.description
        case .storage(let error): return error.description
        case .profile(let path, let problem): return "\(path): the profile is not valid: \(problem)"
        case .evaluation(let path, let line, let problem):
            return line == 0 ? "\(path): \(problem)" : "\(path):\(line): \(problem)"
        case .name(let name):
            return "\"\(name)\" is not a catalog name; use 1 to 64 of the characters a-z, 0-9, _ and -"
        case .unknown(let name, let known):
            let choice =
                known.isEmpty
                ? "none exists yet, create one with `quire index`"
                : "the catalogs are: " + known.joined(separator: ", ")
            return "there is no catalog \"\(name)\"; \(choice)"
        case .exists(let name, let path):
            return "the catalog \"\(name)\" exists already; use another --catalog name, or move \(path) away"
        case .schemaGiven(let name):
            return
                "the catalog \"\(name)\" exists and its schema was given; rebuild it with --schema FILE, add documents "
                + "with --append or --update, or use another --catalog name"
        case .badRecords(let problems, let count, let isComplete):
            let more = count > problems.count ? "\n(and \(count - problems.count) more)" : ""
            let stop = isComplete ? "" : "\n(stopped here)"
            return problems.joined(separator: "\n") + more + stop
                + "\nnothing was indexed: correct the \(count == 1 ? "record" : "records"), "
                + "or skip such records with --skip-bad"
        case .keys(let path, let problem):
            return "\(path): \(problem); see `quire keys list`, or move the file away and add new keys"
        case .tuning(let path, let problem):
            return "\(path) is corrupt: \(problem); restore another revision with `quire tune restore`, or move it away"
        case .unknownRevision(let number, let known):
            let numbers = known.map(String.init).joined(separator: ", ")
            let kept = known.isEmpty ? "the catalog was never tuned" : "kept are \(numbers)"
            return "there is no tuning revision \(number); \(kept)"
        case .outdatedRevision(let newest):
            return "the newest tuning revision is \(newest); read it, and make the change again"
        case .tooManyCursors: return "too many cursors are in use; ask for one again later"
        case .unavailable(let name, let reason, _): return "\(name): \(reason)"
        case .request(let problem), .cursorExpired(let problem):
            return "\(problem.param): \(problem.detail); \(problem.hint)"
        }
    }
}

/// A problem with a parameter of a request, as HTTP clients and the command line see it.
public struct RequestProblem: Error, Equatable, Sendable {
    /// A stable identifier of the kind of problem, such as `bad_value`.
    public var code: String
    /// The name of the parameter.
    public var param: String
    /// The problem as a sentence.
    public var detail: String
    /// The remedy as a sentence.
    public var hint: String

    /// Creates a problem with one parameter.
    public init(_ code: String, _ param: String, _ detail: String, hint: String) {
        self.code = code
        self.param = param
        self.detail = detail
        self.hint = hint
    }
}

/// Returns the result of engine calls, and throws their errors as `index`.
package func indexing<T>(_ body: () throws(IndexError) -> T) throws(CatalogError) -> T {
    do { return try body() } catch { throw .index(error) }
}
