import Indexer
import Segments
import Storage

/// The documents of a job's files, one after another. It counts the records that cannot be used, and describes the
/// first of them. Not thread-safe.
final class JobRecords {
    private let job: IndexJob
    private let schema: Schema
    private let sources: [ByteSource]
    private let formats: [InputFormat]
    private var reader: DocumentReader
    /// The index of the source that is read.
    private var index = 0
    /// The document that `next` has read.
    private(set) var document = DocumentBuffer()
    /// The number of records that cannot be used.
    private(set) var skipped = 0
    /// The descriptions of the first of them.
    private(set) var problems: [String] = []
    /// The number of ill-formed characters that were replaced in the sources before this one.
    private var earlierRepairs = 0

    /// The maximum number of described records. A job that does not skip them stops there.
    static let maxProblems = 20

    /// Begins to read opened files as documents of a schema.
    ///
    /// Errors: `input` when the mapping does not fit the schema, or there are no files.
    init(
        _ job: IndexJob, _ schema: Schema, _ sources: [ByteSource], _ formats: [InputFormat]
    ) throws(CatalogError) {
        guard let first = sources.first, let format = formats.first else { throw Self.empty(job) }
        self.job = job
        self.schema = schema
        self.sources = sources
        self.formats = formats
        reader = try Self.reader(first, format, job, schema)
    }

    private static func reader(
        _ source: ByteSource, _ format: InputFormat, _ job: IndexJob, _ schema: Schema
    ) throws(CatalogError) -> DocumentReader {
        do { return try DocumentReader(source, format, schema, job.mapping) } catch { throw .input(error) }
    }

    private static func empty(_ job: IndexJob) -> CatalogError {
        .input(
            .unusable(
                file: job.files.joined(separator: ", "), problem: "no documents found; nothing was changed"))
    }

    /// The number of bytes of the files that were read, before decompression.
    var consumed: Int { sources[...index].reduce(0) { $0 + $1.consumed } }

    /// The size of all files, in bytes; nil with standard input.
    var total: Int? {
        let sizes = sources.map(\.total)
        return sizes.contains { $0 == nil } ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) }
    }

    /// The number of ill-formed characters that were replaced by U+FFFD.
    var repairs: Int { earlierRepairs + reader.repairs }

    /// Reads the next document that can be used into `document`; returns false at the end of the last file.
    ///
    /// Errors: `badRecords` after `maxProblems` unless the job skips them, `input`.
    func next() throws(CatalogError) -> Bool {
        while true {
            do {
                if try reader.next(into: &document) { return true }
            } catch {
                guard case .record = error else { throw .input(error) }
                try count(.input(error))
                continue
            }
            guard index + 1 < sources.count else { return false }
            earlierRepairs += reader.repairs
            index += 1
            reader = try Self.reader(sources[index], formats[index], job, schema)
        }
    }

    /// Counts the document that was read last among those that cannot be used. Errors: as of `next`.
    func refuse(_ problem: String) throws(CatalogError) {
        try count(.input(.record(file: sources[index].name, line: reader.line, problem: problem)))
    }

    private func count(_ error: CatalogError) throws(CatalogError) {
        skipped += 1
        if problems.count < Self.maxProblems { problems.append(error.description) }
        if !job.skipsBadRecords, skipped == Self.maxProblems {
            throw .badRecords(problems, count: skipped, isComplete: false)
        }
    }

    /// Checks the end of the files, of which `documents` could be used. Errors: `badRecords` unless the job skips them,
    /// `input` if there were none.
    func end(_ documents: Int) throws(CatalogError) {
        if skipped > 0, !job.skipsBadRecords { throw .badRecords(problems, count: skipped, isComplete: true) }
        if documents == 0 { throw Self.empty(job) }
    }
}
