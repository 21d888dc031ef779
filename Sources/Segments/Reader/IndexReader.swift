import Kernels
import Storage

/// A view of an index at one commit, or of a writer's uncommitted state: immutable, cheap to share, safe to search from
/// any number of threads.
///
/// A reader never sees later changes; open another one, or ask the writer for a new view. Its files stay readable for
/// as long as it maps them, whatever the writer does.
/// ```swift
/// let reader = try IndexReader(IndexFolder("data/books"))
/// if let number = try reader.find(key: "b1") {
///     let title = try reader.document(number)["title"]
/// }
/// // The module Searching adds queries:
/// let hits = try reader.search(Search(.term(field: "title", "swift"), limit: 10)).hits
/// ```
public final class IndexReader: Sendable {
    /// The path of the index folder.
    package let path: String
    /// The manifest of the commit.
    package let manifest: Manifest
    /// The segments, oldest first.
    package let segments: [SegmentReader]
    /// The number in the index of each segment's first document.
    package let bases: [Int]
    /// The statistics of each field of the schema, over all segments.
    package let statistics: [FieldStatistics]
    /// The numbered members of stored documents.
    package let members: Members
    /// The names and types of the schema's fields, adjacent in memory for fast lookup.
    private let fieldNames: [String]
    private let fieldTypes: [FieldType]
    /// The norm factors of each field for the default similarity, which nearly every search uses.
    package let usualNormInverses: [NormInverses]
    /// The updates to each segment; nil for a segment without any.
    package let updates: [SegmentUpdates?]
    /// The live documents of each segment; nil for a segment without deletions.
    package let live: [LiveDocuments?]
    /// The number of documents that are not deleted.
    public let liveDocuments: Int

    /// The schema of the documents.
    public var schema: Schema { manifest.schema }
    /// The number of documents, deleted ones included until their segment is merged; also the bound of document
    /// numbers.
    public var documents: Int { manifest.documents }

    /// Opens the newest commit of an index.
    ///
    /// Verifies frames and metadata only; the remaining bytes are verified page by page when they are first used. A
    /// writer may be at work. Errors: `empty` when there is no index, `corrupt`, `foreign` or `format` with the path of
    /// the file, `analyzer`, `storage`. Complexity: O(segments + deleted documents).
    public convenience init(_ folder: IndexFolder) throws(IndexError) {
        var attempts = 0
        while true {
            guard let generation = try folder.currentGeneration() else { throw .empty(path: folder.path) }
            var tried: Int?
            do {
                let manifest = try folder.newestManifest(of: generation)
                tried = manifest.sequence
                try self.init(folder, manifest)
                return
            } catch {
                // Commits may have removed the files that were about to be opened, and each of them is a reason to try
                // again. Files that are missing without a commit are looked for a limited number of times.
                if try folder.currentGeneration() != generation { continue }
                if let tried, let newest = try? folder.newestManifest(of: generation), newest.sequence != tried {
                    continue
                }
                attempts += 1
                if !error.isMissingFile || attempts >= 3 { throw error.asCorruption }
            }
        }
    }

    /// Opens the newest commit of a generation, whether it is the current one or not.
    ///
    /// Errors: as of `init(_:)`; `corrupt` when there is no such generation.
    package convenience init(_ folder: IndexFolder, generation: Int) throws(IndexError) {
        var attempts = 0
        while true {
            attempts += 1
            do throws(IndexError) {
                try self.init(folder, try folder.newestManifest(of: generation))
                return
            } catch {
                // Commits may have removed the files that were about to be opened.
                guard error.isMissingFile, attempts < 10 else { throw error.asCorruption }
            }
        }
    }

    private convenience init(_ folder: IndexFolder, _ manifest: Manifest) throws(IndexError) {
        try manifest.checkAnalyzers(folder.path)
        let generation = folder.generationFolder(manifest.generation)
        var segments: [SegmentReader] = []
        var updates: [SegmentUpdates?] = []
        for description in manifest.segments {
            let segment = try SegmentReader(folder: generation, description)
            segments.append(segment)
            updates.append(try segment.savedUpdates(generation))
        }
        try self.init(folder.path, manifest, segments, updates)
    }

    /// Creates a view of open segments with the updates to each.
    ///
    /// Errors: `corrupt` for a segment with another schema, `request` for more than 4,294,967,295 documents.
    package init(
        _ path: String, _ manifest: Manifest, _ segments: [SegmentReader], _ updates: [SegmentUpdates?]
    ) throws(IndexError) {
        self.path = path
        self.manifest = manifest
        var bases: [Int] = []
        var statistics = [FieldStatistics](repeating: FieldStatistics(), count: manifest.schema.fields.count)
        var total = 0
        for segment in segments {
            guard segment.schema == manifest.schema else {
                throw segment.corrupt(.schema, 0, 0, "it is not the manifest's schema")
            }
            for (i, segmentStatistics) in segment.statistics.enumerated() {
                statistics[i].documentCount += segmentStatistics.documentCount
                statistics[i].tokenCount += segmentStatistics.tokenCount
                statistics[i].postingCount += segmentStatistics.postingCount
                statistics[i].termCount += segmentStatistics.termCount
            }
            bases.append(total)
            total += segment.documents
        }
        guard total <= Int(UInt32.max) else {
            throw .request(problem: "an index of \(total) documents; at most 4,294,967,295 can be searched together")
        }
        self.segments = segments
        self.bases = bases
        self.statistics = statistics
        self.updates = updates
        members = Members(manifest.schema)
        fieldNames = manifest.schema.fields.map(\.name)
        fieldTypes = manifest.schema.fields.map(\.type)
        usualNormInverses = statistics.map {
            NormInverses(BM25().normInverses(tokenCount: $0.tokenCount, documentCount: $0.documentCount))
        }
        live = updates.map { $0?.live }
        liveDocuments = zip(segments, updates).reduce(0) { $0 + ($1.1?.live?.count ?? $1.0.documents) }
    }

    /// Returns the number of the live document with a key; nil when there is none.
    ///
    /// Errors: `corrupt`. Complexity: one cache line for most segments that do not contain the key.
    public func find(key: String) throws(IndexError) -> Int? {
        var key = key
        var failure: IndexError?
        let document = key.withUTF8 { bytes -> Int? in
            guard let start = bytes.baseAddress, bytes.count > 0 else { return nil }
            let hash = hash64(start, bytes.count)
            for segmentIndex in segments.indices.reversed() {
                do throws(IndexError) {
                    let live = live[segmentIndex]
                    let document = try segments[segmentIndex].find(key: bytes, hash: hash) {
                        live?.contains($0) ?? true
                    }
                    if let document { return bases[segmentIndex] + document }
                } catch {
                    failure = error
                    return nil
                }
            }
            return nil
        }
        if let failure { throw failure }
        return document
    }

    /// Returns the version of a document; nil when it has none.
    ///
    /// Errors: `corrupt`.
    public func version(_ document: Int) throws(IndexError) -> Int? {
        guard let segmentIndex = bases.lastIndex(where: { $0 <= document }) else { return nil }
        return try column(segmentIndex, .versions).key(document - bases[segmentIndex]).map { Int(SortKey.integer($0)) }
    }

    /// Returns the column of a number field, or of the documents' versions, with its patched values.
    ///
    /// Errors: `corrupt`.
    package func column(_ segment: Int, _ column: ColumnName) throws(IndexError) -> PatchedColumn {
        switch column {
        case .field(let field):
            PatchedColumn(column: try segments[segment].numbers(field), patch: updates[segment]?.columns[field])
        case .versions:
            PatchedColumn(
                column: try segments[segment].versions(), patch: updates[segment]?.columns[schema.fields.count])
        }
    }

    /// The name of a number column of a segment.
    package enum ColumnName {
        case field(Int)
        case versions
    }

    /// Returns a view of the same commit without some documents. Scores still count them, as they do until their
    /// segment is merged.
    ///
    /// Complexity: O(documents / 64 + deleted).
    public func deleting(_ deleted: some Sequence<Int>) throws(IndexError) -> IndexReader {
        let pending = updates.map { PendingUpdates($0) }
        for document in deleted where document >= 0 && document < documents {
            guard let segmentIndex = bases.lastIndex(where: { $0 <= document }) else { continue }
            pending[segmentIndex].delete(document - bases[segmentIndex])
        }
        return try IndexReader(
            path, manifest, segments, zip(pending, segments).map { $0.snapshot(documents: $1.documents) })
    }

    /// The identity of the commit: differs between any two commits of one folder, so that a server can detect a new
    /// one.
    package var revision: Revision { Revision(manifest) }

    /// The identity of a commit, which also distinguishes an index from one that was removed and recreated.
    package struct Revision: Sendable, Hashable {
        /// The number of the generation.
        package let generation: Int
        /// The number of the manifest within the generation.
        package let sequence: Int
        /// The checksum of the manifest, which covers those of all segments.
        package let checksum: UInt32

        init(_ manifest: Manifest) {
            generation = manifest.generation
            sequence = manifest.sequence
            checksum = manifest.checksum
        }

        init(generation: Int, sequence: Int, checksum: UInt32) {
            self.generation = generation
            self.sequence = sequence
            self.checksum = checksum
        }
    }

    /// Returns the field of that name with its index, if queries can use it.
    ///
    /// Errors: `request` when there is no such field or it is only stored.
    package func field(_ name: String) throws(IndexError) -> (index: Int, field: Field) {
        let index = try index(of: name)
        let type = fieldTypes[index]
        guard type != .stored, type != .suggestion else {
            throw .request(problem: "the field \"\(name)\" is of type \(type.rawValue) and cannot be used in queries")
        }
        return (index, schema.fields[index])
    }

    /// Returns the index of the field of that name, if it has numbers.
    ///
    /// Errors: `request`.
    package func numberField(_ name: String) throws(IndexError) -> Int {
        let (index, field) = try field(name)
        guard field.hasNumbers else {
            throw .request(problem: "the field \"\(name)\" is \(field.type.rawValue) and has no numbers")
        }
        return index
    }

    /// Returns the index of the field of that name. Errors: `request`, which lists the fields there are.
    private func index(of name: String) throws(IndexError) -> Int {
        if let index = fieldNames.firstIndex(of: name) { return index }
        throw .request(problem: "there is no field \"\(name)\"; there are: \(fieldNames.joined(separator: ", "))")
    }

    /// Returns the index and the type of the field of that name, if it has terms.
    ///
    /// Errors: `request`.
    package func indexedField(_ name: String) throws(IndexError) -> (index: Int, type: FieldType) {
        let index = try index(of: name)
        let type = fieldTypes[index]
        guard type.hasTerms else {
            throw .request(problem: "the field \"\(name)\" is \(type.rawValue) and cannot be matched by words")
        }
        return (index, type)
    }
}

extension IndexFolder {
    /// Returns the identity of the newest commit; nil when there is no index. The manifest is not decoded.
    ///
    /// Errors: `corrupt` when the checksum of the manifest is wrong or there is none, `storage`.
    package func newestRevision() throws(IndexError) -> IndexReader.Revision? {
        guard let generation = try currentGeneration() else { return nil }
        let sequence = try manifests(of: generation).last ?? 0
        let path = manifestPath(generation, sequence)
        guard
            let checksum = ChecksummedText.open(try storing { () throws(StorageError) in try files.read(path) })?
                .checksum
        else { throw .corrupt(file: path, section: "manifest", offset: 0, problem: "its checksum does not match") }
        return IndexReader.Revision(generation: generation, sequence: sequence, checksum: checksum)
    }
}
