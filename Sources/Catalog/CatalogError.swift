public import Indexer
public import Storage

/// What can go wrong with a catalog, as a sentence that names the place and the remedy.
public enum CatalogError: Error, Equatable, CustomStringConvertible {
    /// The engine's errors.
    case index(IndexError)
    /// The input's errors.
    case input(InputError)
    /// A file operation failed.
    case storage(StorageError)
    /// A search profile cannot be used.
    case profile(path: String, problem: String)
    /// A file of queries or judgments cannot be used; line 0 is the file as a whole.
    case evaluation(path: String, line: Int, problem: String)
    /// A catalog's name is none.
    case name(String)
    /// There is no such catalog; `known` are those there are.
    case unknown(String, known: [String])
    /// There is a catalog of this name already.
    case exists(String, path: String)
    /// Records of the input cannot be used; nothing was indexed.
    case badRecords([String], count: Int, isComplete: Bool)
    /// The file of admin keys cannot be used, or does not have what it should.
    case keys(path: String, problem: String)
    /// A parameter of a request cannot be used.
    case request(RequestProblem)

    /// The error as a sentence with its remedy.
    public var description: String {
        switch self {
        case .index(let error): return error.description
        case .input(let error): return error.description
        case .storage(let error): return error.description
        case .profile(let path, let problem): return "\(path): the profile is not usable: \(problem)"
        case .evaluation(let path, let line, let problem):
            return line == 0 ? "\(path): \(problem)" : "\(path):\(line): \(problem)"
        case .name(let name):
            return "\"\(name)\" is no name for a catalog; use 1 to 64 of a-z, 0-9, _ and -"
        case .unknown(let name, let known):
            let choice =
                known.isEmpty
                ? "there is none yet; make one with `quire index`" : "there are: " + known.joined(separator: ", ")
            return "there is no catalog \"\(name)\"; \(choice)"
        case .exists(let name, let path):
            return "there is a catalog \"\(name)\" already; give --catalog another name, or move \(path) away"
        case .badRecords(let problems, let count, let isComplete):
            let more = count > problems.count ? "\n(and \(count - problems.count) more)" : ""
            let stop = isComplete ? "" : "\n(stopped there)"
            return problems.joined(separator: "\n") + more + stop
                + "\nnothing was indexed: mend the \(count == 1 ? "record" : "records"), "
                + "or leave such records out with --skip-bad"
        case .keys(let path, let problem):
            return "\(path): \(problem); see `quire keys list`, or move the file away and make new keys"
        case .request(let problem): return "\(problem.param): \(problem.detail); \(problem.hint)"
        }
    }
}

/// What is wrong with a parameter of a request.
public struct RequestProblem: Error, Equatable, Sendable {
    /// Stable name of the problem.
    public var code: String
    /// The parameter.
    public var param: String
    /// What is wrong.
    public var detail: String
    /// What to do.
    public var hint: String

    /// A problem with one parameter.
    public init(_ code: String, _ param: String, _ detail: String, hint: String) {
        self.code = code
        self.param = param
        self.detail = detail
        self.hint = hint
    }
}

/// Runs engine calls inside a catalog function.
func indexing<T>(_ body: () throws(IndexError) -> T) throws(CatalogError) -> T {
    do { return try body() } catch { throw .index(error) }
}
