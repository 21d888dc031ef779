import Kernels
import Storage

/// An index as it was at one commit: immutable, cheap to share, safe to search from any number of threads.
///
/// Files stay readable for as long as a reader maps them, whatever the writer does.
public final class IndexReader: Sendable {
    /// Path of the index's folder.
    public let path: String
    /// What the index consists of.
    public let manifest: Manifest
    /// The segments, oldest first.
    public let segments: [SegmentReader]
    /// Number of each segment's first document.
    public let bases: [Int]
    /// Per field of the schema, over all segments.
    public let statistics: [FieldStatistics]
    /// The numbered members of stored documents.
    public let members: Members
    /// Memory that searches lend each other.
    let scratch = ScratchPool()
    /// The schema's fields by name, side by side for quick looking up.
    private let fieldNames: [String]
    private let fieldTypes: [FieldType]
    /// Per field: the length factors of the similarity that nearly every search uses.
    let usualNormInverses: [NormInverses]
    /// Per segment: what was changed of it; nil for nothing.
    let changes: [SegmentChanges?]
    /// Per segment: which of its documents are left; nil for all.
    let live: [LiveDocuments?]
    /// Number of documents that were not deleted.
    public let liveDocuments: Int

    /// The schema of the documents.
    public var schema: Schema { manifest.schema }
    /// Number of documents, deleted ones included until their segment is merged.
    public var documents: Int { manifest.documents }

    /// Opens the newest commit of an index.
    ///
    /// Errors: `empty` when there is no index, `corrupt`, `foreign` or `format` with the file that is wrong.
    public convenience init(_ folder: IndexFolder) throws(IndexError) {
        var attempt = 0
        while true {
            guard let generation = try folder.currentGeneration() else { throw .empty(path: folder.path) }
            do {
                try self.init(folder, folder.newestManifest(of: generation))
                return
            } catch {
                // A commit may have replaced what was about to be opened: look again, but not for ever.
                attempt += 1
                let hasMoved = try folder.currentGeneration() != generation
                if !hasMoved, !error.isMissingFile || attempt >= 3 { throw error.asDamage }
            }
        }
    }

    private convenience init(_ folder: IndexFolder, _ manifest: Manifest) throws(IndexError) {
        try manifest.checkAnalyzers(folder.path)
        let generation = folder.generationFolder(manifest.generation)
        var segments: [SegmentReader] = []
        var changes: [SegmentChanges?] = []
        for description in manifest.segments {
            let segment = try SegmentReader(folder: generation, description)
            segments.append(segment)
            changes.append(try segment.savedChanges(generation))
        }
        try self.init(folder.path, manifest, segments, changes)
    }

    /// A view of segments that are open, with what was changed of each.
    init(
        _ path: String, _ manifest: Manifest, _ segments: [SegmentReader], _ changes: [SegmentChanges?]
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
            for (i, one) in segment.statistics.enumerated() {
                statistics[i].documentCount += one.documentCount
                statistics[i].tokenCount += one.tokenCount
                statistics[i].postingCount += one.postingCount
                statistics[i].termCount += one.termCount
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
        self.changes = changes
        members = Members(manifest.schema)
        fieldNames = manifest.schema.fields.map(\.name)
        fieldTypes = manifest.schema.fields.map(\.type)
        usualNormInverses = statistics.map {
            NormInverses(BM25().normInverses(tokenCount: $0.tokenCount, documentCount: $0.documentCount))
        }
        live = changes.map { $0?.live }
        liveDocuments = zip(segments, changes).reduce(0) { $0 + ($1.1?.live?.count ?? $1.0.documents) }
    }

    /// The number of the document with a key; nil when there is none.
    ///
    /// Errors: `corrupt`. Complexity: a cache line for most segments that do not have it.
    public func find(key: String) throws(IndexError) -> Int? {
        var key = key
        var failure: IndexError?
        let found = key.withUTF8 { bytes -> Int? in
            guard let start = bytes.baseAddress, bytes.count > 0 else { return nil }
            let hash = hash64(start, bytes.count)
            for number in segments.indices.reversed() {
                do throws(IndexError) {
                    let live = live[number]
                    let document = try segments[number].find(key: bytes, hash: hash) { live?.contains($0) ?? true }
                    if let document { return bases[number] + document }
                } catch {
                    failure = error
                    return nil
                }
            }
            return nil
        }
        if let failure { throw failure }
        return found
    }

    /// The version of a document; nil when it has none.
    ///
    /// Errors: `corrupt`.
    public func version(_ document: Int) throws(IndexError) -> Int? {
        guard let at = bases.lastIndex(where: { $0 <= document }) else { return nil }
        return try column(at, .versions).key(document - bases[at]).map { Int(SortKey.integer($0)) }
    }

    /// The column of a number field, or of the documents' versions, with what was changed of it.
    func column(_ segment: Int, _ column: ColumnName) throws(IndexError) -> PatchedColumn {
        switch column {
        case .field(let field):
            PatchedColumn(column: try segments[segment].numbers(field), patch: changes[segment]?.columns[field])
        case .versions:
            PatchedColumn(
                column: try segments[segment].versions(), patch: changes[segment]?.columns[schema.fields.count])
        }
    }

    /// A number column of a segment.
    enum ColumnName {
        case field(Int)
        case versions
    }

    /// The same index without some documents. Scores still count them, as they do until their segment is merged.
    ///
    /// Complexity: O(documents / 64 + deleted).
    public func deleting(_ deleted: some Sequence<Int>) throws(IndexError) -> IndexReader {
        let pending = changes.map { PendingChanges($0) }
        for document in deleted where document >= 0 && document < documents {
            guard let at = bases.lastIndex(where: { $0 <= document }) else { continue }
            pending[at].delete(document - bases[at])
        }
        return try IndexReader(
            path, manifest, segments, zip(pending, segments).map { $0.snapshot(documents: $1.documents) })
    }

    /// A number that differs between any two commits of one folder: lets a server notice a new one.
    public var revision: Revision { Revision(manifest) }

    /// Names a commit: also one of an index that was removed and made anew tells apart from the old.
    public struct Revision: Sendable, Hashable {
        /// The generation.
        public let generation: Int
        /// The manifest within it.
        public let sequence: Int
        /// The manifest's checksum, which covers those of all segments.
        public let checksum: UInt32

        init(_ manifest: Manifest) {
            generation = manifest.generation
            sequence = manifest.sequence
            checksum = manifest.checksum
        }
    }

    /// The field of that name if a query can ask for it.
    func field(_ name: String) throws(IndexError) -> (index: Int, field: Field) {
        let index = try index(of: name)
        guard fieldTypes[index] != .stored else {
            throw .request(problem: "the field \"\(name)\" is only stored and cannot be asked for")
        }
        return (index, schema.fields[index])
    }

    /// The field of that name if it has numbers.
    func numberField(_ name: String) throws(IndexError) -> Int {
        let (index, field) = try field(name)
        guard field.hasNumbers else {
            throw .request(problem: "the field \"\(name)\" is \(field.type.rawValue) and has no numbers")
        }
        return index
    }

    private func index(of name: String) throws(IndexError) -> Int {
        if let index = fieldNames.firstIndex(of: name) { return index }
        throw .request(problem: "there is no field \"\(name)\"; there are: \(fieldNames.joined(separator: ", "))")
    }

    /// The field of that name if it has terms.
    func indexedField(_ name: String) throws(IndexError) -> (index: Int, type: FieldType) {
        let index = try index(of: name)
        let type = fieldTypes[index]
        guard type == .text || type == .keyword else {
            throw .request(problem: "the field \"\(name)\" is \(type.rawValue) and cannot be matched by words")
        }
        return (index, type)
    }
}

extension IndexFolder {
    /// The newest commit's name, without opening its segments; nil when there is no index.
    public func newestRevision() throws(IndexError) -> IndexReader.Revision? {
        try newestManifest().map { IndexReader.Revision($0) }
    }
}
