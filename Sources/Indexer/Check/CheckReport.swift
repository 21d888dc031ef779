/// The result of a full check of an index.
package struct CheckReport: Sendable {
    /// Sentences about what is wrong; empty when the index is intact.
    package internal(set) var problems: [String] = []
    /// The number of segments that were read.
    package internal(set) var segments = 0
    /// The number of their documents, deleted ones included.
    package internal(set) var documents = 0
    /// The number of these that are deleted and wait for a merge.
    package internal(set) var deleted = 0
    /// The number of bytes that were read.
    package internal(set) var bytes = 0
    /// The number of terms that were decoded.
    package internal(set) var terms = 0
    /// The number of postings that were decoded.
    package internal(set) var postings = 0
    /// The number of documents whose stored values were compared with terms, positions, norms and columns.
    package internal(set) var comparedDocuments = 0
    /// The number of changes in the write-ahead logs that no commit holds yet: the next writer recovers them.
    package internal(set) var uncommittedChanges = 0
}
