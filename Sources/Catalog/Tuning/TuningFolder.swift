import FoundationEssentials
package import Segments
import Storage

/// The tuning revisions of a catalog on disk: immutable files, of which the highest number counts, and the newest 20
/// are kept.
///
/// A revision is written under a lock of its own by one rename: a crash leaves the old revision or the new one. Any
/// process may write one while another writes documents. Holds no open files: any thread may use it.
///
/// ```swift
/// let tuning = TuningFolder(IndexFolder("quire-data/books"))
/// try tuning.newest()                      // 7; 0 if the catalog was never tuned
/// try tuning.revision(7).synonyms.count
/// ```
package struct TuningFolder: Sendable {
    private let index: IndexFolder

    /// The number of revisions that are kept.
    package static let kept = 20

    /// The revisions of an index.
    package init(_ index: IndexFolder) { self.index = index }

    /// Returns the number of the newest revision; 0 if there is none. Complexity: one look at a small folder.
    ///
    /// Errors: `storage`.
    package func newest() throws(CatalogError) -> Int { try numbers().last ?? 0 }

    /// Returns the numbers of the revisions, ascending. Errors: `storage`.
    private func numbers() throws(CatalogError) -> [Int] {
        try Self.storing { () throws(StorageError) in try index.tuningRevisions() }
    }

    /// Returns a revision.
    ///
    /// Errors: `unknownRevision` if it does not exist, `tuning` if it is corrupt, `storage`.
    package func revision(_ number: Int) throws(CatalogError) -> TuningRevision {
        let text: ArraySlice<UInt8>?
        do throws(StorageError) {
            text = try index.tuningText(number)
        } catch {
            guard case .missing = error else { throw .storage(error) }
            throw .unknownRevision(number, known: try numbers())
        }
        let path = index.tuningPath(number)
        guard let text else { throw .tuning(path: path, problem: "its checksum does not match") }
        do {
            let revision = try JSONDecoder().decode(TuningRevision.self, from: Data(text))
            if revision.revision == number { return revision }
        } catch {
            throw .tuning(path: path, problem: describe(error))
        }
        throw .tuning(path: path, problem: "it is another revision")
    }

    /// Returns the newest revision; nil if there is none. Errors: as for `revision`.
    package func newestRevision() throws(CatalogError) -> TuningRevision? {
        while true {
            let number = try newest()
            if number == 0 { return nil }
            do throws(CatalogError) {
                return try revision(number)
            } catch {
                // There may be so many newer ones in the meantime that it has gone.
                guard case .unknownRevision = error, try newest() != number else { throw error }
            }
        }
    }

    /// Returns the revisions, newest first, without those that are corrupt. Errors: `storage`.
    package func revisions() throws(CatalogError) -> [TuningRevision] {
        var revisions: [TuningRevision] = []
        for number in try numbers().reversed() {
            do throws(CatalogError) {
                revisions.append(try revision(number))
            } catch {
                if case .storage = error { throw error }
            }
        }
        return revisions
    }

    /// Runs `body` while no other process writes a revision; waits for one that does.
    ///
    /// Errors: `storage`, and those of `body`.
    package func locked<Result>(_ body: () throws(CatalogError) -> Result) throws(CatalogError) -> Result {
        let lock = try Self.storing { () throws(StorageError) in
            try index.files.makeDirectories(index.tuningPath)
            return try index.files.lock(index.tuningLockPath, waits: true)
        }
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    /// Adds a revision durably, and removes the oldest ones. The lock must be held.
    ///
    /// Errors: `storage`; the revision may be there then.
    func write(_ revision: TuningRevision) throws(CatalogError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Numbers, texts and arrays always encode.
        var text = (try? encoder.encode(revision)).map { Array($0) } ?? []
        text.append(UInt8(ascii: "\n"))
        try Self.storing { () throws(StorageError) in
            try index.files.replace(index.tuningPath(revision.revision), with: ChecksummedText.seal(text))
            for old in try index.tuningRevisions().dropLast(Self.kept) {
                try index.files.remove(index.tuningPath(old))
            }
        }
    }

    private static func storing<Result>(_ body: () throws(StorageError) -> Result) throws(CatalogError) -> Result {
        do { return try body() } catch { throw .storage(error) }
    }
}
