package import Storage

/// The folder of a data folder in which the demand of its catalogs is logged: searches, and what followed from them.
///
/// ```
/// .demand/key                                      the secret of query ids
/// .demand/salt                                     the day's secret, by which clients are counted
/// .demand/lock                                     held by the process that logs
/// .demand/<catalog>/searches-<day>-<n>.ndjson      a file that is being written, or that a crash left
/// .demand/<catalog>/searches-<day>-<n>.ndjson.gz   a file that is complete
/// .demand/<catalog>/events-<day>-<n>.ndjson(.gz)   clicks, carts and orders
/// .demand/<catalog>/counts-<day>                   what the files of a day that is over come to
/// ```
/// Catalogs cannot be named so, and the folders of their indexes stay the engine's alone. The value has no state.
package struct DemandFolder: Sendable {
    /// The path of the folder.
    package let path: String
    let files: any FileSystem

    /// The demand of the catalogs in a data folder. Nothing is created or read. Files are created for their owner only.
    package init(_ dataFolder: String, files: any FileSystem = PosixFileSystem(fileMode: 0o600)) {
        path = dataFolder + "/.demand"
        self.files = files
    }

    var keyPath: String { path + "/key" }
    var saltPath: String { path + "/salt" }
    var lockPath: String { path + "/lock" }

    /// The path of the folder of one catalog.
    func path(of catalog: String) -> String { path + "/" + catalog }

    /// The path of the counts of a day.
    func countsPath(of catalog: String, _ day: LogDay) -> String { path(of: catalog) + "/counts-\(day)" }

    /// Returns the names of the catalogs that have a folder, sorted.
    func catalogs() throws(StorageError) -> [String] {
        guard try files.isDirectory(path) else { return [] }
        var names: [String] = []
        for name in try files.list(path) where try files.isDirectory(path(of: name)) { names.append(name) }
        return names
    }

    /// Forgets the demand of a catalog: what was logged and counted. A process that logs goes on with new files.
    package func remove(_ catalog: String) throws(StorageError) {
        try files.removeTree(path(of: catalog))
    }

    /// The kinds of files of a log.
    enum LogKind: String, Sendable, CaseIterable {
        case searches, events
    }

    /// A file of a log.
    struct LogFile: Sendable, Hashable, Comparable {
        var kind: LogKind
        var day: LogDay
        /// The number of the file among those of its kind and day, from 1.
        var number: Int
        var isCompressed: Bool

        init(_ kind: LogKind, _ day: LogDay, _ number: Int) {
            (self.kind, self.day, self.number) = (kind, day, number)
            isCompressed = false
        }

        /// Reads a name; nil for other files.
        init?(_ name: String) {
            var rest = Substring(name)
            isCompressed = rest.hasSuffix(".ndjson.gz")
            guard isCompressed || rest.hasSuffix(".ndjson") else { return nil }
            rest = rest.dropLast(isCompressed ? 10 : 7)
            guard let first = rest.firstIndex(of: "-"), let last = rest.lastIndex(of: "-"), first < last,
                let kind = LogKind(rawValue: String(rest[..<first])),
                let day = LogDay(rest[rest.index(after: first)..<last]),
                let number = Int(rest[rest.index(after: last)...]), number > 0
            else { return nil }
            (self.kind, self.day, self.number) = (kind, day, number)
        }

        /// The name, by which the files of a day stand in their order up to 9,999.
        var name: String {
            let digits = String(number)
            let zeros = String(repeating: "0", count: max(4 - digits.utf8.count, 0))
            return "\(kind.rawValue)-\(day)-\(zeros)\(digits).ndjson" + (isCompressed ? ".gz" : "")
        }

        static func < (left: LogFile, right: LogFile) -> Bool {
            (left.day, left.number, left.isCompressed ? 0 : 1) < (right.day, right.number, right.isCompressed ? 0 : 1)
        }
    }

    /// Returns the files of a catalog's log, sorted, each once: where a crash left a file beside its compressed form,
    /// the latter counts.
    func logFiles(of catalog: String) throws(StorageError) -> [LogFile] {
        let all = try names(of: catalog).compactMap { LogFile($0) }.sorted()
        var seen: Set<LogFile> = []
        return all.filter { file in
            var key = file
            key.isCompressed = false
            return seen.insert(key).inserted
        }
    }

    /// Returns the names of all files of a catalog; none without a folder.
    func names(of catalog: String) throws(StorageError) -> [String] {
        guard try files.isDirectory(path(of: catalog)) else { return [] }
        return try files.list(path(of: catalog))
    }

    /// Removes what is older than `keptDays` days, of which `today` is the first.
    func expire(_ catalog: String, keptDays: Int, today: LogDay) throws(StorageError) {
        let oldest = today.advanced(by: 1 - keptDays)
        for name in try names(of: catalog) {
            let counted = name.hasPrefix("counts-") ? LogDay(name.dropFirst("counts-".count)) : nil
            guard let day = counted ?? LogFile(name)?.day, day < oldest else { continue }
            try files.remove(path(of: catalog) + "/" + name)
        }
    }
}
