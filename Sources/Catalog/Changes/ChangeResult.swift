import Indexer

/// What became of one change of a catalog, as the API tells it.
public struct ChangeResult: Encodable, Sendable, Equatable {
    /// The outcomes, by the words of the API.
    public enum Outcome: String, Encodable, Sendable {
        /// As of the engine; `failed` for what could not be used or written.
        case created, updated, deleted, patched, missing, stale, failed
    }

    /// What is wrong with a change.
    public struct Problem: Encodable, Sendable, Equatable {
        /// A stable word for programs.
        public var code: String
        /// A sentence for people.
        public var detail: String
    }

    /// The document's key; nil when none could be read.
    public var id: String?
    /// What happened.
    public var result: Outcome
    /// With `stale`: the version the document has.
    public var version: Int?
    /// With `failed`: why.
    public var error: Problem?
    /// With `failed`: the line, or the place in an array, from 1.
    public var line: Int?

    init(id: String, _ outcome: WriteOutcome) {
        self.id = id
        switch outcome {
        case .created: result = .created
        case .updated: result = .updated
        case .deleted: result = .deleted
        case .patched: result = .patched
        case .missing: result = .missing
        case .stale(let known):
            result = .stale
            version = known
        }
    }

    /// What could not be done.
    public init(id: String? = nil, line: Int, code: String, _ detail: String) {
        self.id = id
        self.line = line
        result = .failed
        error = Problem(code: code, detail: detail)
    }
}
