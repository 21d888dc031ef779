public import Storage

/// The folder of one index on disk.
///
/// ```
/// CURRENT                      number of the generation that is searched, and of the one that may replace it
/// generations/<n>/manifest-<k> what generation n consists of; the highest k is current, the one before it is kept
/// generations/<n>/<name>.seg   its segments
/// tuning/<r>.json              what searches are tuned by; the highest r counts, a few before it are kept
/// write.lock                   held by the process that writes
/// ```
/// Files are written under names that nobody reads yet and become visible by one rename. The value holds no open files
/// and no state: any thread may use it, while readers and a writer are at work.
/// ```swift
/// let folder = IndexFolder("data/books")
/// let reader = try IndexReader(folder)              // the newest commit
/// let problems = try folder.check().problems        // a full check
/// _ = try folder.backUp(to: "backups/books-monday") // a copy of the index
/// ```
public struct IndexFolder: Sendable {
    /// The path of the folder.
    package let path: String
    /// The file system that the folder is in.
    package let files: any FileSystem

    /// Creates a handle for the index at `path`, which need not exist yet.
    public init(_ path: String, files: any FileSystem = PosixFileSystem()) {
        self.path = path
        self.files = files
    }

    /// The path of the file that a writer locks.
    package var lockPath: String { path + "/write.lock" }
    /// The path of the file that names the current generation.
    package var currentPath: String { path + "/CURRENT" }

    /// Returns the path of a generation's folder.
    package func generationPath(_ generation: Int) -> String { path + "/generations/\(generation)" }

    /// Returns the folder of a generation's files.
    package func generationFolder(_ generation: Int) -> GenerationFolder {
        GenerationFolder(path: generationPath(generation), files: files)
    }

    /// Returns the path of a generation's manifest.
    package func manifestPath(_ generation: Int, _ sequence: Int) -> String {
        generationPath(generation) + "/manifest-\(sequence)"
    }

    /// Returns true if there is a file or folder at a path.
    ///
    /// Errors: `storage` when the path cannot be examined; so does `isFolder`.
    package func exists(_ path: String) throws(IndexError) -> Bool {
        try storing { () throws(StorageError) in try files.exists(path) }
    }

    /// Returns true if there is a folder at a path.
    package func isFolder(_ path: String) throws(IndexError) -> Bool {
        try storing { () throws(StorageError) in try files.isDirectory(path) }
    }

    /// Returns the number of the generation that is searched; nil when there is none yet.
    ///
    /// Errors: as of `generationsInUse`.
    package func currentGeneration() throws(IndexError) -> Int? { try generationsInUse()?.current }

    /// Returns the numbers of a generation's manifests, ascending.
    package func manifests(of generation: Int) throws(IndexError) -> [Int] {
        Self.numbers(
            try storing { () throws(StorageError) in try files.list(generationPath(generation)) }, "manifest-")
    }

    /// Returns the newest manifest of a generation.
    ///
    /// Errors: `corrupt` when there is none or it is corrupt; an older one is never used silently.
    package func newestManifest(of generation: Int) throws(IndexError) -> Manifest {
        guard let sequence = try manifests(of: generation).last else {
            throw .corrupt(
                file: generationPath(generation), section: "manifest", offset: 0, problem: "the generation has none")
        }
        return try manifest(of: generation, sequence)
    }

    /// Returns a manifest of a generation by its number.
    ///
    /// Errors: `corrupt` when its bytes are not what was written, or it belongs elsewhere; `format`; `storage`.
    package func manifest(of generation: Int, _ sequence: Int) throws(IndexError) -> Manifest {
        let path = manifestPath(generation, sequence)
        let manifest = try Manifest(storing { () throws(StorageError) in try files.read(path) }, path: path)
        guard manifest.generation == generation, manifest.sequence == sequence else {
            throw .corrupt(file: path, section: "manifest", offset: 0, problem: "it belongs to another generation")
        }
        return manifest
    }

    /// Returns the manifest of the newest commit; nil when there is no index.
    ///
    /// Errors: as of `IndexReader.init(_:)`.
    package func newestManifest() throws(IndexError) -> Manifest? {
        guard let generation = try currentGeneration() else { return nil }
        return try newestManifest(of: generation)
    }

    /// Returns the sequence numbers of the first records of a generation's logs, ascending.
    package func logNumbers(of generation: Int) throws(StorageError) -> [Int] {
        Self.numbers(try files.list(generationPath(generation)), "wal-")
    }

    /// Returns the numbers of all generations on disk, ascending.
    package func generations() throws(IndexError) -> [Int] {
        let folder = path + "/generations"
        guard try isFolder(folder) else { return [] }
        return try storing { () throws(StorageError) in try files.list(folder) }
            .filter { Self.isNumber($0[...]) }.compactMap { Int($0) }.sorted()
    }

    /// Returns the paths of all files and folders in the index folder that Quire did not create.
    ///
    /// Temporary files of an interrupted run are Quire's. Unless `deep`, only the folder itself is examined.
    package func foreignFiles(deep: Bool = true) throws(IndexError) -> [String] {
        guard try isFolder(path) else { return [] }
        let ownNames: Set = ["CURRENT", "write.lock", "generations", "tuning"]
        var foreign: [String] = []
        for name in try storing({ () throws(StorageError) in try files.list(path) }) {
            let plain = name.hasSuffix(".tmp") ? String(name.dropLast(4)) : name
            if !ownNames.contains(plain) { foreign.append(path + "/" + name) }
        }
        guard deep else { return foreign }
        foreign += try foreignTuningFiles()
        let folder = path + "/generations"
        guard try isFolder(folder) else { return foreign }
        for name in try storing({ () throws(StorageError) in try files.list(folder) }) {
            guard Self.isNumber(name[...]), try isFolder(folder + "/" + name) else {
                foreign.append(folder + "/" + name)
                continue
            }
            for inner in try storing({ () throws(StorageError) in try files.list(folder + "/" + name) }) {
                if !Self.isOwnFile(inner) { foreign.append(folder + "/" + name + "/" + inner) }
            }
        }
        return foreign
    }

    /// The maximum number of a generation, manifest, segment or change: far from the end of `Int`, and more than can
    /// ever be reached.
    package static let maxNumber = 999_999_999_999_999

    /// Returns true if a text is a number in the writer's notation: no sign, no leading zero, at most `maxNumber`.
    static func isNumber(_ text: Substring) -> Bool {
        (1...15).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) } && text.first != "0"
    }

    /// Returns true if a file name in a generation's folder is one that the writer uses.
    private static func isOwnFile(_ name: String) -> Bool {
        let plain = name.hasSuffix(".tmp") ? name.dropLast(4) : name[...]
        if plain.hasSuffix(".seg") { return isNumber(plain.dropLast(4)) }
        if plain.hasSuffix(".changes") {
            let parts = plain.dropLast(".changes".count).split(separator: "-", omittingEmptySubsequences: false)
            return parts.count == 2 && parts.allSatisfy { isNumber($0) }
        }
        return ["manifest-", "wal-", "tombstones-"].contains { prefix in
            plain.hasPrefix(prefix) && isNumber(plain.dropFirst(prefix.count))
        }
    }

    /// Refuses a folder that holds anything that Quire did not create.
    ///
    /// Errors: `foreign` with the first such path, `storage`.
    package func refuseForeignFiles(deep: Bool) throws(IndexError) {
        if try exists(path), try !isFolder(path) { throw .foreign(path: path, problem: "it is a file, not a folder") }
        if let first = try foreignFiles(deep: deep).first {
            throw .foreign(path: first, problem: "it is inside the folder of an index")
        }
    }

    /// Removes the files that no manifest in use names: generations that are not in use, files of `generation` that
    /// neither its last two manifests list nor the writer uses (`used`, and every segment numbered from `newSegments`
    /// on), and logs whose changes the older of the two manifests holds, and so does the standby.
    ///
    /// Only the writer may call it, while it holds the lock, or its thread for commits while the writer goes on: files
    /// that are created after the call are kept. An interrupted call is completed by the next one.
    package func removeGarbage(
        keeping generation: Int, and used: Set<String> = [], newSegments: Int = .max
    ) throws(IndexError) {
        let inUse = try generationsInUse()
        for other in try generations()
        where other != generation && other != inUse?.current && other != inUse?.standby { try removeGeneration(other) }
        // A crash may have interrupted the switch from one generation to another.
        try storing { () throws(StorageError) in try files.remove(currentPath + ".tmp") }
        let folder = generationPath(generation)
        let names = try storing { () throws(StorageError) in try files.list(folder) }
        var kept = used
        var oldestOperations = Int.max
        for sequence in Self.numbers(names, "manifest-").suffix(2) {
            kept.insert("manifest-\(sequence)")
            guard let manifest = try intactManifest(of: generation, sequence) else { continue }
            kept.formUnion(manifest.fileNames)
            oldestOperations = min(oldestOperations, manifest.operations)
        }
        if let standby = inUse?.standby, inUse?.current == generation {
            oldestOperations = min(oldestOperations, try followedChange(of: standby))
        }
        // A standby follows the log of the current generation; what is left of its own is in its last manifest.
        let logs = inUse?.standby == generation ? [] : Self.numbers(names, "wal-")
        for (i, first) in logs.enumerated() where i + 1 == logs.count || logs[i + 1] > oldestOperations + 1 {
            kept.insert("wal-\(first)")
        }
        for name in names where !kept.contains(name) {
            if let dot = name.firstIndex(of: "."), name[dot...].hasPrefix(".seg"), let number = Int(name[..<dot]),
                number >= newSegments
            {
                continue
            }
            try storing { () throws(StorageError) in try files.remove(folder + "/" + name) }
        }
    }

    /// Returns the numbers of the files whose names are a prefix and a number, ascending.
    private static func numbers(_ names: [String], _ prefix: String) -> [Int] {
        names.compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }.sorted()
    }

    /// Removes a generation that is not the current one.
    package func removeGeneration(_ generation: Int) throws(IndexError) {
        try storing { () throws(StorageError) in try files.removeTree(generationPath(generation)) }
    }

    /// Returns a manifest; nil for a corrupt one that a newer one has replaced.
    private func intactManifest(of generation: Int, _ sequence: Int) throws(IndexError) -> Manifest? {
        do throws(IndexError) {
            return try manifest(of: generation, sequence)
        } catch {
            if case .corrupt = error, try manifests(of: generation).last != sequence { return nil }
            throw error
        }
    }

    /// Makes a manifest durable and, when it is the first of a generation that replaces all others, that generation the
    /// only one in use.
    ///
    /// The files that the manifest names must be durable already. After an error the manifest may be published or not.
    package func publish(_ manifest: Manifest, replacingAll: Bool) throws(IndexError) {
        let bytes = manifest.bytes
        try storing { () throws(StorageError) in
            try files.syncDirectory(generationPath(manifest.generation))
            try files.replace(manifestPath(manifest.generation, manifest.sequence), with: bytes)
        }
        if replacingAll { try use(GenerationsInUse(current: manifest.generation)) }
    }
}
