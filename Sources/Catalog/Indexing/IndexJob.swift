public import Indexer
import Storage

/// A bulk load: files become a catalog, all of it or nothing.
public struct IndexJob: Sendable {
    /// Files to read; `-` is standard input.
    public var files: [String]
    /// Their format; nil to go by each file's name.
    public var format: InputFormat?
    /// What a document is; nil to go on with an index that is there.
    public var schema: Schema?
    /// How input becomes members.
    public var mapping = Mapping()
    /// The catalog's profile, as JSON with the name of its file; nil to leave it as it is.
    public var profile: (json: [UInt8], path: String)?
    /// Bytes of memory for the segments being built.
    public var memoryLimit = 256 << 20
    /// 2 to write full segments on a thread of their own.
    public var threads = 2
    /// Whether records that cannot be used are left out instead of ending the job.
    public var skipsBadRecords = false
    /// Whether a document takes the place of the one with its key. Otherwise a key that is taken is a bad record.
    public var updates = false
    /// Merge to at most this many segments; nil to leave them.
    public var mergeTo: Int?

    /// A job for files; see the properties for its options.
    public init(files: [String], schema: Schema?) {
        self.files = files
        self.schema = schema
    }

    /// Bad records that are named before a job that does not skip them gives up.
    static let mostProblems = 20

    /// How far a job is.
    public struct Progress: Sendable {
        /// Documents indexed.
        public var documents = 0
        /// Bytes of the files read, compressed as they are, and bytes there are (nil with standard input).
        public var bytes = 0
        /// Bytes there are; nil with standard input.
        public var totalBytes: Int?
        /// What is going on.
        public var phase = Phase.reading

        /// The steps of a job.
        public enum Phase: String, Sendable { case reading, merging, committing }
    }

    /// What a job did.
    public struct Summary: Codable, Sendable {
        /// Documents in the catalog.
        public var documents = 0
        /// Documents added by this job.
        public var added = 0
        /// Documents that took the place of another.
        public var updated = 0
        /// Records left out.
        public var skipped = 0
        /// Sentences about the first of them.
        public var problems: [String] = []
        /// Ill-formed UTF-8 sequences replaced by U+FFFD.
        public var repairs = 0
        /// Segments of the catalog.
        public var segments = 0
        /// The catalog's generation.
        public var generation = 0
    }

    /// Runs the job.
    ///
    /// Nothing is visible before its commit. After an error the catalog is as it was; if the disk failed in the commit
    /// itself, all of the job may be there.
    /// Errors: `badRecords` with the places, `input`, `index` (among them that another process is writing).
    public func run(
        _ name: String, in folder: DataFolder, progress report: (Progress) -> Void = { _ in }
    ) throws(CatalogError) -> Summary {
        var sources: [ByteSource] = []
        for file in files { sources.append(try open(file)) }
        let formats = try files.map { file throws(CatalogError) in try format(of: file) }
        let index = try folder.index(name)
        // Said before the work; what counts is decided once the lock is held.
        _ = try checkedProfile(index, schema)
        let start: IndexWriter.Start = schema.map { .empty($0) } ?? .current
        let writer = try indexing { () throws(IndexError) in
            try IndexWriter(index, start, memoryLimit: memoryLimit, threads: threads)
        }
        do throws(CatalogError) {
            writer.payload[SearchProfile.payloadKey] = try checkedProfile(index, writer.schema)
            return try load(sources, formats, writer, report)
        } catch {
            // The first error is the one to tell; what stays behind is removed by the next writer.
            try? writer.discard()
            throw error
        }
    }

    /// The profile the commit will carry, the job's or the catalog's own, which must fit the schema: better said before
    /// the work than after.
    private func checkedProfile(_ index: IndexFolder, _ schema: Schema?) throws(CatalogError) -> String? {
        // A damaged catalog cannot tell its profile, and must not keep a rebuild from replacing it.
        let old = (try? index.newestManifest())?.payload[SearchProfile.payloadKey]
        let own = old.map { (json: Array($0.utf8), path: "the catalog's own profile (--profile gives another)") }
        guard let chosen = profile ?? own else { return nil }
        if let schema { _ = try SearchProfile(json: chosen.json, path: chosen.path, schema: schema) }
        return String(decoding: chosen.json, as: UTF8.self)
    }

    private func open(_ file: String) throws(CatalogError) -> ByteSource {
        do { return try ByteSource(file) } catch { throw .storage(error) }
    }

    private func format(of file: String) throws(CatalogError) -> InputFormat {
        if let format { return format }
        if file == "-" { return .ndjson }
        guard let guess = InputFormat.guess(file) else {
            throw .input(
                .unusable(file: file, problem: "cannot tell the format by the name; give --format ndjson, csv or tsv"))
        }
        return guess
    }

    private func load(
        _ sources: [ByteSource], _ formats: [InputFormat], _ writer: IndexWriter,
        _ report: (Progress) -> Void
    ) throws(CatalogError) -> Summary {
        var summary = Summary()
        var progress = Progress()
        let sizes = sources.map(\.total)
        progress.totalBytes = sizes.contains { $0 == nil } ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) }
        for (source, format) in zip(sources, formats) {
            let done = progress.bytes
            try read(source, format, writer, &summary) { read in
                progress.documents = read
                progress.bytes = done + source.consumed
                report(progress)
            }
            progress.bytes = done + source.consumed
        }
        if summary.skipped > 0, !skipsBadRecords {
            throw .badRecords(summary.problems, count: summary.skipped, isComplete: true)
        }
        progress.documents = summary.added + summary.updated
        guard progress.documents > 0 else {
            throw .input(
                .unusable(file: files.joined(separator: ", "), problem: "no documents in it; nothing was changed"))
        }
        if let mergeTo {
            progress.phase = .merging
            report(progress)
            try indexing { () throws(IndexError) in try writer.merge(to: mergeTo) }
        }
        progress.phase = .committing
        report(progress)
        try indexing { () throws(IndexError) in try writer.commit() }
        summary.documents = writer.documents
        summary.segments = writer.segmentCount
        summary.generation = writer.generation
        return summary
    }

    private func read(
        _ source: ByteSource, _ format: InputFormat, _ writer: IndexWriter, _ summary: inout Summary,
        _ report: (_ read: Int) -> Void
    ) throws(CatalogError) {
        var document = DocumentBuffer()
        var reader: DocumentReader
        do { reader = try DocumentReader(source, format, writer.schema, mapping) } catch { throw .input(error) }
        var sinceReport = 0
        while true {
            do throws(CatalogError) {
                switch try next(&reader, &document, writer, source.name) {
                case .added: summary.added += 1
                case .updated: summary.updated += 1
                case .end:
                    summary.repairs += reader.repairs
                    return
                }
            } catch {
                guard case .input(.record) = error else { throw error }
                summary.skipped += 1
                if summary.problems.count < Self.mostProblems { summary.problems.append(error.description) }
                if !skipsBadRecords, summary.skipped == Self.mostProblems {
                    throw .badRecords(summary.problems, count: summary.skipped, isComplete: false)
                }
            }
            sinceReport += 1
            if sinceReport == 2000 {
                sinceReport = 0
                report(summary.added + summary.updated)
            }
        }
    }

    private enum Step { case added, updated, end }

    /// Reads and indexes one document. One that cannot be used is an `input(.record)` error.
    private func next(
        _ reader: inout DocumentReader, _ document: inout DocumentBuffer, _ writer: IndexWriter, _ file: String
    ) throws(CatalogError) -> Step {
        do {
            guard try reader.next(into: &document) else { return .end }
        } catch {
            throw .input(error)
        }
        do {
            if updates { return try writer.put(document) ? .updated : .added }
            try writer.add(document)
            return .added
        } catch {
            guard case .document(let problem) = error else { throw .index(error) }
            throw .input(.record(file: file, line: reader.line, problem: problem))
        }
    }

    /// Makes a catalog without documents, to be filled by changes.
    ///
    /// Errors: `profile` when the profile does not fit the schema, `exists`.
    public static func create(
        _ name: String, in folder: DataFolder, schema: Schema, profile: (json: [UInt8], path: String)? = nil
    ) throws(CatalogError) {
        let index = try folder.index(name)
        if let profile { _ = try SearchProfile(json: profile.json, path: profile.path, schema: schema) }
        if try folder.catalogs().contains(name) { throw .exists(name, path: index.path) }
        let writer = try indexing { () throws(IndexError) in try IndexWriter(index, .empty(schema)) }
        // Somebody else may have made it until the lock was held.
        if try folder.catalogs().contains(name) {
            try? writer.discard()
            throw .exists(name, path: index.path)
        }
        if let profile { writer.payload[SearchProfile.payloadKey] = String(decoding: profile.json, as: UTF8.self) }
        try indexing { () throws(IndexError) in try writer.commit() }
    }
}
