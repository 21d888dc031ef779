import Indexer

/// The result of one change of a catalog, as the API returns it.
package struct ChangeResult: Sendable, Equatable {
    /// The outcomes, by their names in the API.
    package enum Outcome: String, Sendable {
        /// The outcomes of the engine, and `failed` for a change that is not valid or could not be written.
        case created, updated, deleted, patched, missing, stale, failed
    }

    /// The error of a failed change.
    package struct Problem: Sendable, Equatable {
        /// A stable identifier for programs.
        package var code: String
        /// A sentence for people.
        package var detail: String
    }

    /// The code of a document that must be new and is not.
    package static let existsCode = "document_exists"

    /// The key of the document; nil if it could not be read.
    package var id: String?
    /// The outcome.
    package var result: Outcome
    /// The version of the document, if the result is `stale`.
    package var version: Int?
    /// The error, if the result is `failed`.
    package var error: Problem?
    /// The number of the line, or of the element of an array, from 1, if the result is `failed`.
    package var line: Int?
    /// The number of characters that were not valid UTF-8, or half a surrogate pair, and were replaced by U+FFFD; nil
    /// for none.
    package var repaired: Int?

    /// Creates the result of an outcome of the engine.
    init(id: String, _ outcome: WriteOutcome, line: Int? = nil, repaired: Int = 0) {
        self.id = id
        self.repaired = repaired == 0 ? nil : repaired
        switch outcome {
        case .created: result = .created
        case .updated: result = .updated
        case .deleted: result = .deleted
        case .patched: result = .patched
        case .missing: result = .missing
        case .stale(let current):
            result = .stale
            version = current
        case .exists:
            let problem = "the key \"\(id)\" belongs to an earlier document, and this one must be new"
            self = ChangeResult(id: id, line: line, code: Self.existsCode, problem)
        case .refused(let problem): self = ChangeResult(id: id, line: line, code: "bad_document", problem)
        }
    }

    /// Creates the result of a failed change.
    package init(id: String? = nil, line: Int?, code: String, _ detail: String) {
        self.id = id
        self.line = line
        result = .failed
        error = Problem(code: code, detail: detail)
    }
}

extension ChangeResult: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            if let error {
                json.name("error")
                json.object { json in
                    json.member("code", error.code)
                    json.member("detail", error.detail)
                }
            }
            json.member("id", ifPresent: id)
            json.member("line", ifPresent: line)
            json.member("repaired", ifPresent: repaired)
            json.member("result", result.rawValue)
            json.member("version", ifPresent: version)
        }
    }
}
