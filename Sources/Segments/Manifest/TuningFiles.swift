package import Storage

extension IndexFolder {
    /// The path of the folder of the tuning: `<r>.json` is its revision number r, the highest one counts. Files are
    /// immutable and end with their checksum; whoever writes one holds the lock of the folder. It does not depend on
    /// the generation, and any process may write it while another one writes documents.
    package var tuningPath: String { path + "/tuning" }
    /// The path of the file that is locked by who writes a revision.
    package var tuningLockPath: String { tuningPath + "/tuning.lock" }

    /// Returns the path of a revision.
    package func tuningPath(_ revision: Int) -> String { tuningPath + "/\(revision).json" }

    /// Returns the numbers of the revisions, ascending; none for an index that was never tuned.
    package func tuningRevisions() throws(StorageError) -> [Int] {
        let names: [String]
        do {
            names = try files.list(tuningPath)
        } catch {
            if case .missing = error { return [] }
            throw error
        }
        return names.compactMap(Self.tuningRevision).sorted()
    }

    /// Returns the text of a revision without its checksum; nil if its bytes are not what was written.
    package func tuningText(_ revision: Int) throws(StorageError) -> ArraySlice<UInt8>? {
        ChecksummedText.open(try files.read(tuningPath(revision)))?.text
    }

    /// Returns the paths in the folder of the tuning that Quire did not create.
    func foreignTuningFiles() throws(IndexError) -> [String] {
        guard try exists(tuningPath) else { return [] }
        guard try isFolder(tuningPath) else { return [tuningPath] }
        return try storing { () throws(StorageError) in try files.list(tuningPath) }.filter { name in
            let plain = name.hasSuffix(".tmp") ? String(name.dropLast(4)) : name
            return plain != "tuning.lock" && Self.tuningRevision(plain) == nil
        }.map { tuningPath + "/" + $0 }
    }

    /// The number of the revision that a file name has; nil for other files.
    private static func tuningRevision(_ name: String) -> Int? {
        name.hasSuffix(".json") && isNumber(name.dropLast(5)) ? Int(name.dropLast(5)) : nil
    }
}
