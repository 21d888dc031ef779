public import Indexer
public import Segments
import Storage

/// A bulk load: indexes files into a catalog, completely or not at all.
///
/// ```swift
/// var job = IndexJob(files: ["books.jsonl.gz"], schema: try Schema(contentsOf: "schema.json"))
/// job.profile = (try readFile("profile.json"), "profile.json")
/// job.mergeTo = 1
/// let summary = try job.run("books", in: DataFolder("quire-data")) { print($0.documents) }
/// ```
public struct IndexJob: Sendable {
    /// The paths of the files, read in this order; `-` is standard input.
    public var files: [String]
    /// The format of all files; nil to derive it from the name of each. Standard input is NDJSON by default.
    public var format: InputFormat?
    /// The schema of a new index, which replaces the old one; nil to add to the existing index.
    public var schema: Schema?
    /// True to infer the schema of a new index from the first records of each file; `schema` must be nil then. An index
    /// whose schema was given is not replaced this way.
    public var infersSchema = false
    /// The mapping of input columns to members.
    public var mapping = Mapping()
    /// The new profile of the catalog, as JSON with the name of its file; nil to keep the current one.
    public var profile: (json: [UInt8], path: String)?
    /// The memory limit of the segments that are being built, in bytes.
    public var memoryLimit = 256 << 20
    /// The number of threads: with 2, full segments are written on a thread of their own.
    public var threads = 2
    /// True to skip records that are not valid instead of failing.
    public var skipsBadRecords = false
    /// True to replace documents that have the same key; otherwise a key that exists makes a record not valid.
    public var updates = false
    /// The maximum number of segments to merge to at the end; nil to keep them.
    public var mergeTo: Int?

    /// Creates a job for files; the properties are its options.
    public init(files: [String], schema: Schema?) {
        self.files = files
        self.schema = schema
    }

    /// The progress of a job.
    public struct Progress: Sendable {
        /// The number of documents indexed.
        public var documents = 0
        /// The number of bytes of the files that were read, before decompression.
        public var bytes = 0
        /// The size of all files, in bytes; nil with standard input.
        public var totalBytes: Int?
        /// The schema of the job, once it was inferred.
        public var inferred: InferredSchema?
        /// The current step.
        public var phase = Phase.reading

        /// The steps of a job. `inferring` is reported once, when a schema was inferred.
        public enum Phase: String, Sendable { case inferring, reading, merging, committing }
    }

    /// The result of a job.
    public struct Summary: Codable, Sendable {
        /// The number of documents in the catalog.
        public var documents = 0
        /// The number of documents that the job added.
        public var added = 0
        /// The number of documents that replaced another one.
        public var updated = 0
        /// The number of skipped records.
        public var skipped = 0
        /// The descriptions of the first skipped records, at most 20.
        public var problems: [String] = []
        /// The number of ill-formed characters that were replaced by U+FFFD: invalid UTF-8, halves of surrogate pairs.
        public var repairs = 0
        /// The number of segments of the catalog.
        public var segments = 0
        /// The generation of the index.
        public var generation = 0
    }

    /// Runs the job on the calling thread. It calls `report` every 2000 documents and at each step.
    ///
    /// Nothing is visible before the commit. After an error the catalog is unchanged; only if the disk failed during
    /// the commit itself, the complete job may be committed.
    /// Errors: `badRecords` with the positions, `input`, `profile`, `storage`, `index` (for example that another
    /// process is writing); `schemaGiven` instead of replacing an index by one with an inferred schema.
    public func run(
        _ name: String, in folder: DataFolder, progress report: (Progress) -> Void = { _ in }
    ) throws(CatalogError) -> Summary {
        let index = try folder.index(name)
        // A corrupt catalog can be rebuilt.
        if infersSchema, let manifest = try? index.newestManifest(), !manifest.isInferred { throw .schemaGiven(name) }
        let (sources, formats) = try openFiles()
        guard infersSchema else { return try run(index, sources, formats, Progress(), report) }
        var progress = Progress()
        let inferred = try infer(sources, formats)
        progress.inferred = inferred
        progress.phase = .inferring
        report(progress)
        progress.phase = .reading
        var job = self
        job.schema = inferred.schema
        job.mapping = inferred.mapping
        return try job.run(index, sources, formats, progress, report)
    }

    /// Returns the schema that the first records of each file suggest.
    ///
    /// Errors: `input` with the remedy if they suggest none, `storage`.
    public func inferredSchema() throws(CatalogError) -> InferredSchema {
        let (sources, formats) = try openFiles()
        return try infer(sources, formats)
    }

    private func infer(_ sources: [ByteSource], _ formats: [InputFormat]) throws(CatalogError) -> InferredSchema {
        var inference = SchemaInference(mapping)
        for (source, format) in zip(sources, formats) { try inference.read(source, format) }
        return try inference.schema()
    }

    /// Opens all files, and returns them with their formats.
    func openFiles() throws(CatalogError) -> ([ByteSource], [InputFormat]) {
        var sources: [ByteSource] = []
        for file in files { sources.append(try open(file)) }
        return (sources, try files.map { file throws(CatalogError) in try format(of: file) })
    }

    /// Runs the job on opened files.
    private func run(
        _ index: IndexFolder, _ sources: [ByteSource], _ formats: [InputFormat], _ progress: Progress,
        _ report: (Progress) -> Void
    ) throws(CatalogError) -> Summary {
        // Reported before the work; the check that counts follows when the lock is held.
        _ = try checkedPayload(index, schema)
        let start: IndexWriter.Start = schema.map { .empty($0) } ?? .current
        let writer = try indexing { () throws(IndexError) in
            try IndexWriter(index, start, memoryLimit: memoryLimit, threads: threads)
        }
        do throws(CatalogError) {
            try setPayload(of: writer, index)
            let summary = try load(sources, formats, writer, progress, report) { () throws(CatalogError) in
                try commit(writer, index)
            }
            try applyProfile(writer, index)
            return summary
        } catch {
            // The first error is the one to report; the next writer removes the remaining files.
            try? writer.discard()
            throw error
        }
    }

    /// The payload of a commit: the job's profile, or the one in force in the catalog, with the synonyms in force
    /// unless the job's profile has some. It is checked against the schema before the work, not after it.
    private func checkedPayload(_ index: IndexFolder, _ schema: Schema?) throws(CatalogError) -> [String: String] {
        // The profile of a corrupt catalog cannot be read. This must not prevent a rebuild.
        let current = (try? index.newestManifest()).flatMap { manifest in
            let newest = (try? TuningFolder(index).newestRevision()) ?? nil
            return try? ProfileParts.inForce(newest, manifest, path: index.path)
        }
        var parts = current ?? ProfileParts(synonyms: [])
        var path = "the catalog's profile (--profile replaces it)"
        if let profile {
            parts = try ProfileParts(json: profile.json, path: profile.path)
            parts.synonyms = parts.synonyms ?? current?.synonyms
            path = profile.path
        }
        let payload = parts.payload
        if let schema, let json = payload[SearchProfile.payloadKey] {
            _ = try SearchProfile(json: Array(json.utf8), path: path, schema: schema)
        }
        return payload
    }

    /// Sets the payload of a writer's commit; that of a commit that only adds documents stays unless the job has a
    /// profile.
    private func setPayload(of writer: IndexWriter, _ index: IndexFolder) throws(CatalogError) {
        guard schema != nil || profile != nil else { return }
        let payload = try checkedPayload(index, writer.schema)
        for key in [SearchProfile.payloadKey, SearchProfile.synonymsKey] { writer.payload[key] = payload[key] }
        if infersSchema { writer.payload[SearchProfile.inferredKey] = SearchProfile.inferredMark }
    }

    /// Commits. A new generation takes over what the catalog was tuned by until this moment.
    private func commit(_ writer: IndexWriter, _ index: IndexFolder) throws(CatalogError) {
        guard schema != nil else { return try indexing { () throws(IndexError) in try writer.commit() } }
        try TuningFolder(index).locked { () throws(CatalogError) in
            try setPayload(of: writer, index)
            try indexing { () throws(IndexError) in try writer.commit() }
        }
    }

    /// Puts the job's profile in the place of a tuned one of the same generation.
    private func applyProfile(_ writer: IndexWriter, _ index: IndexFolder) throws(CatalogError) {
        guard schema == nil, let profile,
            try TuningFolder(index).newestRevision()?.generation == writer.generation
        else { return }
        try CatalogTuning(index).put(
            .profile, json: profile.json, expecting: nil, who: TuningRevision.commandLine)
    }

    private func open(_ file: String) throws(CatalogError) -> ByteSource {
        do { return try ByteSource(file) } catch { throw .storage(error) }
    }

    /// The format of a file by the job, or by the name of the file.
    private func format(of file: String) throws(CatalogError) -> InputFormat {
        if let format { return format }
        if file == "-" { return .ndjson }
        guard let guess = InputFormat.guess(file) else {
            throw .input(
                .unusable(file: file, problem: "its name has no known extension; add --format ndjson, csv or tsv"))
        }
        return guess
    }

    /// Reads all sources, merges, and calls `commit`.
    private func load(
        _ sources: [ByteSource], _ formats: [InputFormat], _ writer: IndexWriter, _ progress: Progress,
        _ report: (Progress) -> Void, commit: () throws(CatalogError) -> Void
    ) throws(CatalogError) -> Summary {
        var summary = Summary()
        var progress = progress
        let records = try JobRecords(self, writer.schema, sources, formats)
        progress.totalBytes = records.total
        while try records.next() {
            do throws(IndexError) {
                if updates, try writer.put(scanned: records.document) {
                    summary.updated += 1
                } else {
                    if !updates { try writer.add(scanned: records.document) }
                    summary.added += 1
                }
            } catch {
                guard case .document(let problem) = error else { throw .index(error) }
                try records.refuse(problem)
            }
            progress.documents = summary.added + summary.updated
            if (progress.documents + records.skipped).isMultiple(of: 2000) {
                progress.bytes = records.consumed
                report(progress)
            }
        }
        try records.end(progress.documents)
        (summary.skipped, summary.problems, summary.repairs) = (records.skipped, records.problems, records.repairs)
        progress.bytes = records.consumed
        if let mergeTo {
            progress.phase = .merging
            report(progress)
            try indexing { () throws(IndexError) in try writer.merge(to: mergeTo) }
        }
        progress.phase = .committing
        report(progress)
        try commit()
        summary.documents = writer.documents
        summary.segments = writer.segmentCount
        summary.generation = writer.generation
        return summary
    }

    /// Creates a catalog without documents, which changes can fill.
    ///
    /// Errors: `exists` if the catalog exists, `profile` if the profile does not fit the schema, `name`, `index`.
    public static func create(
        _ name: String, in folder: DataFolder, schema: Schema, profile: (json: [UInt8], path: String)? = nil
    ) throws(CatalogError) {
        let index = try folder.index(name)
        if let profile { _ = try SearchProfile(json: profile.json, path: profile.path, schema: schema) }
        if try folder.catalogs().contains(name) { throw .exists(name, path: index.path) }
        let writer = try indexing { () throws(IndexError) in try IndexWriter(index, .empty(schema)) }
        // Another process may have created it before the lock was held.
        if try folder.catalogs().contains(name) {
            try? writer.discard()
            throw .exists(name, path: index.path)
        }
        if let profile { writer.payload[SearchProfile.payloadKey] = String(decoding: profile.json, as: UTF8.self) }
        try indexing { () throws(IndexError) in try writer.commit() }
    }
}
