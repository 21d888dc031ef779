import Kernels
package import Segments
import Storage

extension IndexFolder {
    /// Reads everything an index consists of and compares what can be compared: checksums, order, sums, statistics,
    /// keys, logs and what they depend on; with `comparingDocuments` also every stored document with what was indexed
    /// of it.
    ///
    /// Only reads; a writer may be at work meanwhile. Errors: `empty` when there is no index. Anything that is wrong
    /// with one becomes a problem of the report. Complexity: that of indexing the documents again; without comparing
    /// them, that of reading the files. Memory: 8 bytes per field and document.
    /// ```swift
    /// let report = try IndexFolder("data/books").check()
    /// for problem in report.problems { print(problem) }  // each names a file and a remedy
    /// ```
    package func check(comparingDocuments: Bool = true) throws(IndexError) -> CheckReport {
        var report = CheckReport()
        guard try isFolder(path) else { throw .empty(path: path) }
        for foreignPath in try foreignFiles() {
            report.problems.append("\(foreignPath) is not Quire's; move it away")
        }
        do throws(IndexError) {
            let reader = try IndexReader(self)
            report.segments = reader.segments.count
            report.documents = reader.documents
            report.deleted = reader.documents - reader.liveDocuments
            checkSegments(of: reader, comparingDocuments, &report)
        } catch {
            if case .empty = error { throw error }
            report.problems.append(error.description)
        }
        checkWriterFiles(&report)
        checkStandby(comparingDocuments, &report)
        checkTuning(&report)
        return report
    }

    /// Checks the segments of a view, and the keys of its documents.
    private func checkSegments(of reader: IndexReader, _ comparingDocuments: Bool, _ report: inout CheckReport) {
        let problems = report.problems.count
        for (segment, updates) in zip(reader.segments, reader.updates) {
            report.bytes += segment.description.bytes
            SegmentCheck(segment, updates, comparingDocuments: comparingDocuments).run(&report)
        }
        if report.problems.count == problems { checkKeys(reader, &report) }
    }

    /// Checks the standby generation, if there is one. Its problems are reported; its documents are not counted.
    ///
    /// A server that is at work may remove it meanwhile: then nothing is reported.
    private func checkStandby(_ comparingDocuments: Bool, _ report: inout CheckReport) {
        guard let inUse = try? generationsInUse(), let standby = inUse.standby else { return }
        var found = CheckReport()
        do throws(IndexError) {
            // A crash before its first commit leaves nothing of it.
            guard try isFolder(generationPath(standby)), try !manifests(of: standby).isEmpty else { return }
            checkSegments(of: try IndexReader(self, generation: standby), comparingDocuments, &found)
            for sequence in try manifests(of: standby).suffix(2) {
                try checkFiles(of: try manifest(of: standby, sequence), &found)
            }
        } catch {
            found.problems.append(error.description)
        }
        guard (try? generationsInUse()) == inUse else { return }
        report.problems += found.problems.map {
            "the standby generation \(standby): \($0) (or drop it: `quire reindex --drop`)"
        }
    }

    /// Checks that the revisions of the tuning are what was written. Old ones may go meanwhile.
    private func checkTuning(_ report: inout CheckReport) {
        do throws(StorageError) {
            let revisions = try tuningRevisions()
            for revision in revisions {
                do throws(StorageError) {
                    if try tuningText(revision) == nil {
                        report.problems.append(
                            "\(tuningPath(revision)) is corrupt: its checksum does not match; "
                                + "restore another revision, or move the file away")
                    }
                } catch {
                    guard case .missing = error, revision != revisions.last else { throw error }
                }
            }
        } catch {
            report.problems.append(error.description)
        }
    }

    /// Checks that no key belongs to two live documents.
    ///
    /// Within a segment `SegmentCheck` does; here every key is looked up in the earlier segments, mostly one cache line
    /// each. Complexity: O(keys · segments).
    private func checkKeys(_ reader: IndexReader, _ report: inout CheckReport) {
        guard let field = reader.schema.field(reader.schema.key)?.index else { return }
        for (segmentIndex, segment) in reader.segments.enumerated() {
            guard let terms = try? segment.terms(field) else { continue }
            var cursor = TermCursor(terms)
            while cursor.next() {
                let key = cursor.term
                let hash = hash64(key.baseAddress!, key.count)
                func hasKey(_ index: Int) -> Bool {
                    let live = reader.live[index]
                    let document = try? reader.segments[index].find(key: key, hash: hash) { live?.contains($0) ?? true }
                    return document != nil
                }
                if hasKey(segmentIndex), (0..<segmentIndex).contains(where: hasKey) {
                    let problem = "the key \"\(String(decoding: key, as: UTF8.self))\" is in an earlier segment too"
                    return report.problems.append(segment.corrupt(.termBlocks, field, 0, problem).description)
                }
            }
        }
    }

    // MARK: - Files that only the next writer reads

    /// Checks manifests, tombstones and logs. A writer that is at work may replace them meanwhile: then they are
    /// checked again.
    private func checkWriterFiles(_ report: inout CheckReport) {
        for attempt in 1...3 {
            var result = CheckReport()
            let manifestBefore = try? newestManifest()
            do throws(IndexError) {
                try checkManifests(&result)
            } catch {
                result.problems.append(error.description)
            }
            let hasMoved = (try? newestManifest()) != manifestBefore
            if hasMoved, attempt < 3 { continue }
            for problem in result.problems where !report.problems.contains(problem) { report.problems.append(problem) }
            report.uncommittedChanges = result.uncommittedChanges
            return
        }
    }

    /// Checks the last two manifests of the current generation, the files they name, and the logs after the newest.
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
        try checkLogs(after: newest, &report)
    }

    /// Checks that the files a manifest names exist and have the right length, and that its tombstones are what was
    /// written.
    private func checkFiles(of manifest: Manifest, _ report: inout CheckReport) throws(IndexError) {
        let folder = generationFolder(manifest.generation)
        for segment in manifest.segments {
            try expect(folder.segment(segment.name), bytes: segment.bytes, &report)
            if let updates = segment.changes {
                try expect(folder.updates(segment.name, updates.number), bytes: updates.bytes, &report)
            }
        }
        if let saved = manifest.tombstones { _ = try Tombstones.read(from: folder, saved) }
    }

    /// Checks that a file exists and has a length.
    private func expect(_ path: String, bytes: Int, _ report: inout CheckReport) throws(IndexError) {
        guard try exists(path) else {
            return report.problems.append("\(path) is missing; restore a backup, or rebuild with `quire index`")
        }
        let size = try storing { () throws(StorageError) in try files.size(path) }
        if size != bytes {
            report.problems.append("\(path) has \(size) bytes, the manifest says \(bytes)")
        }
    }

    /// Checks that the logs hold every change after a manifest, and that each can be decoded.
    private func checkLogs(after manifest: Manifest, _ report: inout CheckReport) throws(IndexError) {
        let members = Members(manifest.schema)
        var document = DocumentBuffer()
        var next = manifest.operations + 1
        let numbers = try storing { () throws(StorageError) in try logNumbers(of: manifest.generation) }
        for (i, first) in numbers.enumerated() {
            let path = generationFolder(manifest.generation).log(first)
            let log: LogReader
            do throws(StorageError) {
                guard let reader = try LogReader(path, in: files) else { continue }
                log = reader
            } catch {
                report.problems.append(IndexError.storage(error).description)
                continue
            }
            if let (offset, reason) = corruption(of: log, first, next, isLast: i == numbers.count - 1) {
                let error = StorageError.corruptLog(path: path, offset: offset, reason: reason)
                report.problems.append(error.description)
                continue
            }
            log.forEach(from: log.first) { (number: Int, bytes: UnsafeRawBufferPointer) in
                let isMark = WriteBatch.markedSequence(bytes) != nil
                if !isMark, Change(bytes, members, into: &document, isLogged: true) == nil {
                    report.problems.append("\(path): change \(number) is malformed")
                }
                if number >= next {
                    next = number + 1
                    if !isMark { report.uncommittedChanges += 1 }
                }
            }
        }
    }

    /// Returns the offset and the reason when a log does not continue the changes before it; nil when it does.
    private func corruption(
        of log: LogReader, _ first: Int, _ next: Int, isLast: Bool
    ) -> (offset: Int, reason: String)? {
        if log.first != first { return (12, "it is another log than its name says") }
        if log.first > next { return (0, "it begins with change \(first), and change \(next) is missing") }
        if case .cut(let offset) = log.end, !isLast { return (offset, "it is cut off, and another log follows") }
        return nil
    }
}
