import Indexer
import Segments
import Storage

/// The reason why changes were not written, without paths of the server.
package enum WriteFailure: Sendable, Equatable {
    /// The document cannot be indexed.
    case badDocument(problem: String)
    /// The queue of changes is full.
    case busy
    /// Another process holds the writer's lock.
    case locked
    /// The disk of the data folder is full.
    case diskFull
    /// The writer has stopped; it opens again as soon as the disk permits.
    case stopped
    /// The files of the catalog, or what else the change needs, are not as they must be: only a person can repair them.
    case unreadable
    /// The writer reported fewer outcomes than changes.
    case unknown

    /// The stable word for programs.
    package var code: String {
        switch self {
        case .badDocument: "bad_document"
        case .busy: "busy"
        case .locked: "catalog_locked"
        case .diskFull: "disk_full"
        case .stopped: "writing_stopped"
        case .unreadable: "index_unreadable"
        case .unknown: "internal"
        }
    }

    /// The sentence for people.
    package var detail: String {
        switch self {
        case .badDocument(let problem): problem
        case .busy: "too many changes are waiting to be written; send the change again later"
        case .locked: "another process is writing this catalog"
        case .diskFull: "the disk is full; searches still work; free some space and send the change again"
        case .stopped: "changes cannot be written at the moment; searches still work; send the change again later"
        case .unreadable: "the catalog cannot be read, and not be changed; run `quire check`"
        case .unknown: "the outcome of the change is unknown; send the change again"
        }
    }
}

extension CatalogError {
    /// The reason, as a client may see it, why changes were not written.
    package var writeFailure: WriteFailure {
        switch self {
        case .index(.document(let problem)): .badDocument(problem: problem)
        case .index(.busy): .busy
        case .index(.storage(let error)), .storage(let error), .input(.source(let error, _)): error.writeFailure
        case .index(.stopped), .index(.rebuilt): .stopped
        case .index(.corrupt), .index(.foreign), .index(.format), .index(.analyzer), .index(.schema): .unreadable
        case .index(.empty), .index(.request), .index(.searchAfterMismatch): .unreadable
        case .input, .profile, .evaluation, .badRecords, .keys, .tuning: .unreadable
        case .name, .unknown, .exists, .schemaGiven, .request, .cursorExpired, .tooManyCursors: .unreadable
        case .unknownRevision, .outdatedRevision: .unreadable
        case .unavailable(_, _, let isTemporary): isTemporary ? .stopped : .unreadable
        }
    }
}

extension StorageError {
    /// The reason, as a client may see it, why an error of a file kept changes from being written.
    fileprivate var writeFailure: WriteFailure {
        switch self {
        case .locked: .locked
        case .failed, .missing: isDiskFull ? .diskFull : .stopped
        case .truncated, .corrupt, .corruptLog: .unreadable
        }
    }
}
