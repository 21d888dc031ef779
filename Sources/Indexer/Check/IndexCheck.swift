import Kernels
import Storage

extension IndexFolder {
    /// Reads everything an index consists of and compares what can be compared: checksums, order, sums, statistics,
    /// keys, logs and what they rest on; and, unless told not to, every stored document with what was indexed of it.
    ///
    /// A writer may be at work meanwhile. Errors: `empty` when there is no index. Anything that is wrong with one
    /// becomes a problem of the report. Complexity: that of indexing the documents again; without comparing them, that
    /// of reading the files. 8 bytes of memory a field and document.
    public func check(comparingDocuments: Bool = true) throws(IndexError) -> CheckReport {
        var report = CheckReport()
        guard try isFolder(path) else { throw .empty(path: path) }
        for stranger in try strangers() {
            report.problems.append("\(stranger) is not Quire's; move it away")
        }
        do throws(IndexError) {
            let reader = try IndexReader(self)
            report.segments = reader.segments.count
            report.documents = reader.documents
            report.deleted = reader.documents - reader.liveDocuments
            for (segment, changes) in zip(reader.segments, reader.changes) {
                report.bytes += segment.description.bytes
                SegmentCheck(segment, changes, comparingDocuments: comparingDocuments).run(&report)
            }
            if report.problems.isEmpty { checkKeys(reader, &report) }
        } catch {
            if case .empty = error { throw error }
            report.problems.append(error.description)
        }
        checkWriterFiles(&report)
        return report
    }

    /// No key may belong to two documents, those that were deleted apart.
    private func checkKeys(_ reader: IndexReader, _ report: inout CheckReport) {
        guard let field = reader.schema.field(reader.schema.key)?.index else { return }
        for (number, segment) in reader.segments.enumerated() {
            guard let terms = try? segment.terms(field) else { continue }
            var cursor = TermCursor(terms)
            while cursor.next() {
                let key = cursor.term
                let hash = hash64(key.baseAddress!, key.count)
                func has(_ at: Int) -> Bool {
                    let live = reader.live[at]
                    return (try? reader.segments[at].find(key: key, hash: hash) { live?.contains($0) ?? true }) != nil
                }
                if has(number), (0..<number).contains(where: has) {
                    let problem = "the key \"\(String(decoding: key, as: UTF8.self))\" is in an earlier segment too"
                    return report.problems.append(segment.corrupt(.termBlocks, field, 0, problem).description)
                }
            }
        }
    }

    // MARK: - What only the next writer reads

    /// Manifests, tombstones and logs. A writer that is at work may replace them meanwhile: then again.
    private func checkWriterFiles(_ report: inout CheckReport) {
        for attempt in 1...3 {
            var found = CheckReport()
            let before = try? newestManifest()
            do throws(IndexError) {
                try checkManifests(&found)
            } catch {
                found.problems.append(error.description)
            }
            let hasMoved = (try? newestManifest()) != before
            if hasMoved, attempt < 3 { continue }
            for problem in found.problems where !report.problems.contains(problem) { report.problems.append(problem) }
            report.uncommittedChanges = found.uncommittedChanges
            return
        }
    }

    private func checkManifests(_ report: inout CheckReport) throws(IndexError) {
        guard let generation = try currentGeneration() else { return }
        var newest: Manifest?
        for sequence in try manifests(of: generation).suffix(2) {
            do throws(IndexError) {
                let manifest = try manifest(of: generation, sequence)
                newest = manifest
                try checkFiles(of: manifest, &report)
            } catch {
                report.problems.append(error.description)
            }
        }
        guard let newest else { return }
        try checkLogs(behind: newest, &report)
    }

    /// Whether what a manifest names is there, as long as it says, and its tombstones what was written.
    private func checkFiles(of manifest: Manifest, _ report: inout CheckReport) throws(IndexError) {
        let folder = generationFolder(manifest.generation)
        for segment in manifest.segments {
            try expect(folder.segment(segment.name), bytes: segment.bytes, &report)
            if let changes = segment.changes {
                try expect(folder.changes(segment.name, changes.number), bytes: changes.bytes, &report)
            }
        }
        if let saved = manifest.tombstones { _ = try Tombstones.read(from: folder, saved) }
    }

    private func expect(_ path: String, bytes: Int, _ report: inout CheckReport) throws(IndexError) {
        guard try exists(path) else {
            return report.problems.append("\(path) is missing; restore a backup, or rebuild with `quire index`")
        }
        let size = try storing { () throws(StorageError) in try files.size(path) }
        if size != bytes {
            report.problems.append("\(path) has \(size) bytes, the manifest says \(bytes)")
        }
    }

    /// Whether the logs hold every change behind a manifest, and each can be decoded.
    private func checkLogs(behind manifest: Manifest, _ report: inout CheckReport) throws(IndexError) {
        let members = Members(manifest.schema)
        var document = DocumentBuffer()
        var next = manifest.operations + 1
        let numbers = try storing { () throws(StorageError) in try logNumbers(of: manifest.generation) }
        for (i, first) in numbers.enumerated() {
            let path = generationFolder(manifest.generation).log(first)
            let log: LogReader
            do throws(StorageError) {
                guard let found = try LogReader(path, in: files) else { continue }
                log = found
            } catch {
                report.problems.append(IndexError.storage(error).description)
                continue
            }
            if let (offset, reason) = damage(of: log, first, next, isLast: i == numbers.count - 1) {
                let damage = StorageError.damagedLog(path: path, offset: offset, reason: reason)
                report.problems.append(damage.description)
                continue
            }
            log.forEach(from: log.first) { (number: Int, bytes: UnsafeRawBufferPointer) in
                let isMark = WriteBatch.markedSequence(bytes) != nil
                if !isMark, Change(bytes, members, into: &document) == nil {
                    report.problems.append("\(path): change \(number) makes no sense")
                }
                if number >= next {
                    next = number + 1
                    if !isMark { report.uncommittedChanges += 1 }
                }
            }
        }
    }

    private func damage(
        of log: LogReader, _ first: Int, _ next: Int, isLast: Bool
    ) -> (offset: Int, reason: String)? {
        if log.first != first { return (12, "it is not the log its name says it is") }
        if log.first > next { return (0, "it begins with change \(first), change \(next) is nowhere") }
        if case .cut(let at) = log.end, !isLast { return (at, "it breaks off, and another follows") }
        return nil
    }
}
