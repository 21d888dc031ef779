import Glibc
import Kernels
import Storage

extension DemandFolder {
    /// Calls `body` with each whole line of a log file from an offset on, and returns the offset after the last one.
    /// Offsets count bytes before compression, so that they stay the same when a file is compressed.
    ///
    /// A line that a crash or a full disk cut short is left out: it has no end. Errors: those of the disk, and a
    /// compressed file that is corrupt. Complexity: O(bytes); memory: the file's pages, and 256 KB.
    func forEachLine(
        of file: LogFile, in catalog: String, from offset: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(StorageError) -> Int {
        let path = path(of: catalog) + "/" + file.name
        let mapped = try files.map(path)
        defer { withExtendedLifetime(mapped) {} }
        guard file.isCompressed else {
            guard offset < mapped.bytes.count else { return offset }
            let rest = UnsafeRawBufferPointer(rebasing: mapped.bytes[offset...]).assumingMemoryBound(to: UInt8.self)
            return offset + Self.wholeLines(rest, body)
        }
        // The last four bytes are the length before compression: most files were read to their end before.
        let count = mapped.bytes.count
        if count >= 4, offset > 0,
            offset >= Int(mapped.bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self).littleEndian)
        {
            return offset
        }
        let decoder = try GzipDecoder()
        var pending = GrowableBuffer<UInt8>(capacity: 256 << 10)
        var (consumed, position) = (0, 0)
        while consumed < mapped.bytes.count {
            pending.reserve(128 << 10)
            let room = UnsafeMutableRawBufferPointer(
                start: pending.base + pending.count, count: pending.capacity - pending.count)
            let step: (consumed: Int, produced: Int)
            do {
                step = try decoder.decode(UnsafeRawBufferPointer(rebasing: mapped.bytes[consumed...]), into: room)
            } catch {
                throw .corrupt(path: path, offset: consumed + error.consumed, reason: error.reason)
            }
            guard step.consumed > 0 || step.produced > 0 else { throw .truncated(path: path, offset: consumed) }
            consumed += step.consumed
            pending.count += step.produced
            // What was read before is skipped a piece at a time.
            let skipped = min(max(offset - position, 0), pending.count)
            let lines = UnsafeBufferPointer(rebasing: pending.elements[skipped...])
            let used = skipped + (position + skipped < offset ? 0 : Self.wholeLines(lines, body))
            position += used
            pending.base.update(from: pending.base + used, count: pending.count - used)
            pending.count -= used
        }
        if decoder.isInsideMember { throw .truncated(path: path, offset: consumed) }
        return max(position, offset)
    }

    /// Calls `body` with each line that has its end, and returns the number of their bytes.
    private static func wholeLines(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) -> Int {
        var start = 0
        while start < bytes.count, let base = bytes.baseAddress,
            let end = memchr(base + start, 10, bytes.count - start)
        {
            let count = UnsafeRawPointer(end) - UnsafeRawPointer(base + start)
            body(UnsafeBufferPointer(rebasing: bytes[start..<(start + count)]))
            start += count + 1
        }
        return start
    }

    /// Replaces a complete log file by its compressed form, without a last line that was cut short. A file without a
    /// whole line is removed.
    ///
    /// Errors: those of the disk; the file is as it was then, perhaps beside its compressed form, which counts.
    func compress(_ file: LogFile, of catalog: String) throws(StorageError) {
        let path = path(of: catalog) + "/" + file.name
        let mapped = try files.map(path)
        let whole = mapped.bytes.lastIndex(of: 10).map { $0 + 1 } ?? 0
        if whole > 0 {
            // Bytes that cannot be made fewer need some room around them.
            var output = [UInt8](repeating: 0, count: whole + whole / 100 + 1024)
            let count = output.withUnsafeMutableBytes { output in
                GzipEncoder.compress(UnsafeRawBufferPointer(rebasing: mapped.bytes[..<whole]), into: output)
            }
            guard let count else { throw .failed(operation: "compress", path: path, code: ENOMEM) }
            try files.replace(path + ".gz", with: Array(output[..<count]))
        }
        withExtendedLifetime(mapped) {}
        try files.remove(path)
    }
}
