public import Storage

/// The folder of one index on disk.
///
/// ```
/// CURRENT                      number of the generation that is searched
/// generations/<n>/manifest-<k> what generation n consists of; the highest k counts, the one before it is kept
/// generations/<n>/<name>.seg   its segments
/// write.lock                   held by the process that writes
/// ```
/// Files are written under names nobody reads yet and become visible by one rename.
public struct IndexFolder: Sendable {
    /// Path of the folder.
    public let path: String
    let files: any FileSystem

    /// The index at `path`, there or not yet.
    public init(_ path: String, files: any FileSystem = PosixFileSystem()) {
        self.path = path
        self.files = files
    }

    var lockPath: String { path + "/write.lock" }
    var currentPath: String { path + "/CURRENT" }

    /// What CURRENT holds when a generation is searched.
    static func currentBytes(_ generation: Int) -> [UInt8] { SealedText.seal(Array("\(generation)\n".utf8)) }

    func generationPath(_ generation: Int) -> String { path + "/generations/\(generation)" }

    /// The folder of a generation's files.
    func generationFolder(_ generation: Int) -> GenerationFolder {
        GenerationFolder(path: generationPath(generation), files: files)
    }

    func manifestPath(_ generation: Int, _ sequence: Int) -> String {
        generationPath(generation) + "/manifest-\(sequence)"
    }

    /// Whether there is something at a path; what cannot be looked at is an error.
    func exists(_ path: String) throws(IndexError) -> Bool {
        try storing { () throws(StorageError) in try files.exists(path) }
    }

    func isFolder(_ path: String) throws(IndexError) -> Bool {
        try storing { () throws(StorageError) in try files.isDirectory(path) }
    }

    /// The generation that is searched; nil when there is none yet.
    ///
    /// Errors: `corrupt` when CURRENT holds no number.
    public func currentGeneration() throws(IndexError) -> Int? {
        guard try exists(currentPath) else { return nil }
        let bytes = try storing { () throws(StorageError) in try files.read(currentPath) }
        guard let text = SealedText.open(bytes)?.text,
            let generation = Int(String(decoding: text.dropLast(), as: UTF8.self)), generation > 0
        else {
            throw .corrupt(
                file: currentPath, section: "the file", offset: 0, problem: "it is not a generation's number as written"
            )
        }
        return generation
    }

    /// The numbers of a generation's manifests, ascending.
    func manifests(of generation: Int) throws(IndexError) -> [Int] {
        let names = try storing { () throws(StorageError) in try files.list(generationPath(generation)) }
        return names.compactMap { $0.hasPrefix("manifest-") ? Int($0.dropFirst("manifest-".count)) : nil }.sorted()
    }

    /// The newest manifest of a generation.
    ///
    /// Errors: `corrupt` when there is none or it is damaged; an older one is never taken silently.
    func newestManifest(of generation: Int) throws(IndexError) -> Manifest {
        guard let sequence = try manifests(of: generation).last else {
            throw .corrupt(
                file: generationPath(generation), section: "manifest", offset: 0, problem: "the generation has none")
        }
        return try manifest(of: generation, sequence)
    }

    /// A generation's manifest by its number.
    func manifest(of generation: Int, _ sequence: Int) throws(IndexError) -> Manifest {
        let path = manifestPath(generation, sequence)
        let manifest = try Manifest(storing { () throws(StorageError) in try files.read(path) }, path: path)
        guard manifest.generation == generation, manifest.sequence == sequence else {
            throw .corrupt(file: path, section: "manifest", offset: 0, problem: "it belongs to another generation")
        }
        return manifest
    }

    /// The newest commit's manifest; nil when there is no index.
    ///
    /// Errors: as for opening it.
    public func newestManifest() throws(IndexError) -> Manifest? {
        guard let generation = try currentGeneration() else { return nil }
        return try newestManifest(of: generation)
    }

    /// The first changes of a generation's logs, ascending.
    func logNumbers(of generation: Int) throws(StorageError) -> [Int] {
        try files.list(generationPath(generation)).compactMap {
            $0.hasPrefix("wal-") ? Int($0.dropFirst("wal-".count)) : nil
        }.sorted()
    }

    /// The numbers of all generations on disk, ascending.
    func generations() throws(IndexError) -> [Int] {
        let folder = path + "/generations"
        guard try isFolder(folder) else { return [] }
        return try storing { () throws(StorageError) in try files.list(folder) }
            .filter { Self.isNumber($0[...]) }.compactMap { Int($0) }.sorted()
    }

    /// Everything in the folder that Quire did not put there.
    ///
    /// Temporary files of an interrupted run are Quire's. Not `deep` looks at the folder itself alone.
    func strangers(deep: Bool = true) throws(IndexError) -> [String] {
        guard try isFolder(path) else { return [] }
        let known: Set = ["CURRENT", "write.lock", "generations"]
        var found: [String] = []
        for name in try storing({ () throws(StorageError) in try files.list(path) }) {
            let plain = name.hasSuffix(".tmp") ? String(name.dropLast(4)) : name
            if !known.contains(plain) { found.append(path + "/" + name) }
        }
        let folder = path + "/generations"
        guard deep, try isFolder(folder) else { return found }
        for name in try storing({ () throws(StorageError) in try files.list(folder) }) {
            guard Self.isNumber(name[...]), try isFolder(folder + "/" + name) else {
                found.append(folder + "/" + name)
                continue
            }
            for inner in try storing({ () throws(StorageError) in try files.list(folder + "/" + name) }) {
                if !Self.isOwn(inner) { found.append(folder + "/" + name + "/" + inner) }
            }
        }
        return found
    }

    /// The writer does not count further: far from the end of `Int`, and more commits than can be made.
    static let greatestNumber = 999_999_999_999_999

    /// Whether a text is a number as the writer counts: no sign, no leading zero, none above `greatestNumber`.
    private static func isNumber(_ text: Substring) -> Bool {
        (1...15).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) } && text.first != "0"
    }

    private static func isOwn(_ name: String) -> Bool {
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

    /// Refuses to work in a folder that holds anything else.
    func refuseStrangers(deep: Bool) throws(IndexError) {
        if try exists(path), try !isFolder(path) {
            throw .foreign(path: path, problem: "it is a file, not a folder")
        }
        if let first = try strangers(deep: deep).first {
            throw .foreign(path: first, problem: "it lies in the folder of an index")
        }
    }

    /// Removes what no manifest that counts names: other generations, and files of `generation` that neither of its
    /// last two manifests lists nor the writer uses, and logs whose changes the older of the two holds. Only the
    /// writer, holding the lock, may call it.
    func removeGarbage(keeping generation: Int, and used: Set<String> = []) throws(IndexError) {
        for other in try generations() where other != generation { try removeGeneration(other) }
        // What a crash left of the switch from one generation to another.
        try storing { () throws(StorageError) in try files.remove(currentPath + ".tmp") }
        var kept = used
        var oldest = Int.max
        for sequence in try manifests(of: generation).suffix(2) {
            kept.insert("manifest-\(sequence)")
            guard let manifest = try intactManifest(of: generation, sequence) else { continue }
            kept.formUnion(manifest.fileNames)
            oldest = min(oldest, manifest.operations)
        }
        let logs = try storing { () throws(StorageError) in try logNumbers(of: generation) }
        for (i, first) in logs.enumerated() where i + 1 == logs.count || logs[i + 1] > oldest + 1 {
            kept.insert("wal-\(first)")
        }
        let folder = generationPath(generation)
        for name in try storing({ () throws(StorageError) in try files.list(folder) }) where !kept.contains(name) {
            try storing { () throws(StorageError) in try files.remove(folder + "/" + name) }
        }
    }

    /// Removes a generation that does not count.
    func removeGeneration(_ generation: Int) throws(IndexError) {
        try storing { () throws(StorageError) in try files.removeTree(generationPath(generation)) }
    }

    /// A manifest; nil for a damaged one that a newer one has replaced.
    private func intactManifest(of generation: Int, _ sequence: Int) throws(IndexError) -> Manifest? {
        do throws(IndexError) {
            return try manifest(of: generation, sequence)
        } catch {
            if case .corrupt = error, try manifests(of: generation).last != sequence { return nil }
            throw error
        }
    }

    /// Makes a manifest durable and, when it is its generation's first, that generation the current one.
    func publish(_ manifest: Manifest) throws(IndexError) {
        let bytes = manifest.bytes
        try storing { () throws(StorageError) in
            try files.syncDirectory(generationPath(manifest.generation))
            try files.replace(manifestPath(manifest.generation, manifest.sequence), with: bytes)
        }
        if (try? currentGeneration()) != manifest.generation {
            try storing { () throws(StorageError) in
                try files.syncDirectory(path + "/generations")
                try files.syncDirectory(files.parent(of: path))
                try files.replace(currentPath, with: Self.currentBytes(manifest.generation))
            }
        }
    }
}
