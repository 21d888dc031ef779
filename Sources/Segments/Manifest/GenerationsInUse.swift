import Storage

/// The generations of an index that are in use, as its file `CURRENT` names them.
package struct GenerationsInUse: Sendable, Equatable {
    /// The generation that is searched and changed.
    package var current: Int
    /// The generation that takes the same changes and can replace the current one: a rebuild before it is swapped in,
    /// or the one that a rebuild replaced. Nil for none.
    package var standby: Int?

    package init(current: Int, standby: Int? = nil) {
        self.current = current
        self.standby = standby
    }

    /// The content of `CURRENT`: `4`, or `4 standby 3`, a line break, and a line with the checksum.
    package var bytes: [UInt8] {
        ChecksummedText.seal(Array((standby.map { "\(current) standby \($0)\n" } ?? "\(current)\n").utf8))
    }

    /// Decodes the content of `CURRENT`; nil for anything else.
    init?(_ bytes: [UInt8]) {
        guard let text = ChecksummedText.open(bytes)?.text, text.last == UInt8(ascii: "\n") else { return nil }
        let words = String(decoding: text.dropLast(), as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false)
        guard let first = words.first, let current = Self.number(first) else { return nil }
        self.current = current
        if words.count == 1 { return }
        guard words.count == 3, words[1] == "standby", let standby = Self.number(words[2]), standby != current else {
            return nil
        }
        self.standby = standby
    }

    private static func number(_ text: Substring) -> Int? { IndexFolder.isNumber(text) ? Int(text) : nil }
}

extension IndexFolder {
    /// Returns the generations in use; nil when there is no index yet.
    ///
    /// Errors: `corrupt` when `CURRENT` is not as it was written, `storage` when it cannot be read.
    package func generationsInUse() throws(IndexError) -> GenerationsInUse? {
        guard try exists(currentPath) else { return nil }
        guard let inUse = GenerationsInUse(try storing { () throws(StorageError) in try files.read(currentPath) })
        else {
            throw .corrupt(
                file: currentPath, section: "the file", offset: 0, problem: "it is not a generation's number as written"
            )
        }
        return inUse
    }

    /// Makes generations the ones in use, by one rename. Only the writer may call it; what they consist of must be
    /// durable already.
    package func use(_ generations: GenerationsInUse) throws(IndexError) {
        try storing { () throws(StorageError) in
            try files.syncDirectory(path + "/generations")
            try files.syncDirectory(files.parent(of: path))
            try files.replace(currentPath, with: generations.bytes)
        }
    }

    /// Drops a standby generation that a crash left before its first commit. Only the writer may call it.
    package func dropVoidStandby() throws(IndexError) {
        guard let inUse = try generationsInUse(), let standby = inUse.standby else { return }
        if try isFolder(generationPath(standby)), try !manifests(of: standby).isEmpty { return }
        try use(GenerationsInUse(current: inUse.current))
    }

    /// Returns the number of the change after which a standby generation needs the log of the current one, whichever of
    /// its last two manifests it is opened with; 0 when it has none.
    func followedChange(of standby: Int) throws(IndexError) -> Int {
        guard try isFolder(generationPath(standby)) else { return 0 }
        var operations: Int?
        for sequence in try manifests(of: standby).suffix(2) {
            // One that is corrupt is not opened.
            guard let manifest = try? manifest(of: standby, sequence) else { continue }
            operations = min(operations ?? .max, manifest.operations)
        }
        return operations ?? 0
    }
}
