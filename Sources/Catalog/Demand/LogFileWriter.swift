import Storage

/// A writer of lines of one kind to the log of one catalog: to a new file each day, and when a file is large. Files
/// that are complete are compressed. For one thread.
///
/// A file is never continued after an error or a restart, so that only its end can be cut short.
final class LogFileWriter {
    private let folder: DemandFolder
    private let catalog: String
    private let kind: DemandFolder.LogKind
    private let maxBytes: Int
    private var current: OpenFile?

    private struct OpenFile {
        var name: DemandFolder.LogFile
        var file: any OutputFile
        var bytes = 0
    }

    init(_ folder: DemandFolder, _ catalog: String, _ kind: DemandFolder.LogKind, maxBytes: Int) {
        self.folder = folder
        self.catalog = catalog
        self.kind = kind
        self.maxBytes = maxBytes
    }

    /// The file that is being written; nil for none.
    var openFile: DemandFolder.LogFile? { current?.name }

    /// Appends whole lines; with `sync` they are durable when it returns.
    ///
    /// Errors: those of the disk. Some of the lines may have been written then.
    func append(_ lines: [UInt8], _ today: LogDay, sync: Bool) throws(StorageError) {
        if let open = current, open.name.day != today || open.bytes >= maxBytes {
            // A file that cannot be compressed now is compressed when files are tidied up.
            try? close()
        }
        var open: OpenFile
        if let current { open = current } else { open = try create(today) }
        // An error leaves no file open: the next lines go to a new one.
        current = nil
        do throws(StorageError) {
            try Self.write(lines, to: open.file)
            if sync { try open.file.sync() }
        } catch {
            try? open.file.close()
            // Without a whole line the file says nothing, and a full disk would collect such files.
            if open.bytes == 0 { try? folder.files.remove(folder.path(of: catalog) + "/" + open.name.name) }
            throw error
        }
        open.bytes += lines.count
        current = open
    }

    /// Closes the file that is being written, makes it durable and compresses it; does nothing without one.
    func close() throws(StorageError) {
        guard let open = current else { return }
        current = nil
        try open.file.sync()
        try open.file.close()
        try folder.compress(open.name, of: catalog)
    }

    /// Creates the next file of a day. If the clock was put back, the day was over and may have been counted.
    private func create(_ today: LogDay) throws(StorageError) -> OpenFile {
        let path = folder.path(of: catalog)
        try folder.files.makeDirectories(path)
        let last = try folder.logFiles(of: catalog).last { $0.kind == kind && $0.day == today }
        let name = DemandFolder.LogFile(kind, today, (last?.number ?? 0) + 1)
        try folder.files.remove(folder.countsPath(of: catalog, today))
        let file = try folder.files.create(path + "/" + name.name)
        try folder.files.syncDirectory(path)
        return OpenFile(name: name, file: file)
    }

    private static func write(_ lines: [UInt8], to file: any OutputFile) throws(StorageError) {
        var failure: StorageError?
        lines.withUnsafeBytes { bytes in
            do throws(StorageError) { try file.write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
