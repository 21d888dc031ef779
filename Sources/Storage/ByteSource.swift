import Glibc

/// Input that is read from front to back: a file, standard input, or either of them compressed with gzip.
///
/// Compression is detected by the first two bytes, not by the name. `consumed` counts bytes of the file itself, so that
/// it can be compared with `total` to show progress. `mark` and `rewind` read the start twice. Not thread-safe.
///
/// ```swift
/// let source = try ByteSource("books.ndjson.gz")
/// var buffer = [UInt8](repeating: 0, count: 1 << 16)
/// var n = 0
/// repeat {
///     n = try buffer.withUnsafeMutableBytes { try source.read(into: $0.baseAddress!, capacity: $0.count) }
///     parse(buffer[..<n])
/// } while n > 0
/// ```
public final class ByteSource {
    /// The name of the input for messages: its path, or "standard input".
    public let name: String
    /// The size of the file in bytes, before decompression; nil for standard input and pipes.
    public let total: Int?
    /// The number of bytes of the file read so far, before decompression.
    public private(set) var consumed = 0

    private let descriptor: Int32
    /// Bytes of the file; those in `inputStart ..< inputEnd` are not consumed yet.
    private var input = [UInt8](repeating: 0, count: 1 << 18)
    private var inputStart = 0
    private var inputEnd = 0
    /// The decoder of compressed input; nil for input that is not compressed.
    private var gzip: GzipDecoder?
    /// The bytes that were returned since `mark`, for a source that cannot be read twice; nil when none are kept.
    private var marked: [UInt8]?
    /// Bytes that `rewind` returns to the reader, and the number of those that were read again.
    private var replayed: (bytes: [UInt8], position: Int) = ([], 0)

    /// Opens a file, or standard input for the path `-`, and reads its first bytes.
    ///
    /// Errors: `missing` when there is no such file, `failed` when it cannot be opened or read (`EISDIR` for a folder).
    public init(_ path: String) throws(StorageError) {
        if path == "-" {
            name = "standard input"
            descriptor = STDIN_FILENO
            total = nil
        } else {
            name = path
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .last("open", path) }
            var info = stat()
            let hasInfo = fstat(descriptor, &info) == 0
            if hasInfo, info.st_mode & S_IFMT == S_IFDIR {
                close(descriptor)
                throw .failed(operation: "read", path: path, code: EISDIR)
            }
            total = hasInfo && info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : nil
        }
        while inputEnd < 2, try refill() > 0 {}
        if inputEnd >= 2, input[0] == 0x1F, input[1] == 0x8B { gzip = try GzipDecoder() }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Reads up to `capacity` decompressed bytes into `out` and returns their number; zero means the end of the input.
    ///
    /// Shape: `capacity` is at least 1. A call may return fewer bytes although more follow. Errors: `failed` when the
    /// file cannot be read, `truncated` when a gzip member is incomplete, `corrupt` when its checksum or its codes are
    /// wrong.
    public func read(into out: UnsafeMutableRawPointer, capacity: Int) throws(StorageError) -> Int {
        precondition(capacity > 0, "no room to read into")
        if replayed.position < replayed.bytes.count {
            let n = min(capacity, replayed.bytes.count - replayed.position)
            replayed.bytes.withUnsafeBytes {
                out.copyMemory(from: $0.baseAddress! + replayed.position, byteCount: n)
            }
            replayed.position += n
            if replayed.position == replayed.bytes.count { replayed = ([], 0) }
            return n
        }
        let n = try readOnce(into: out, capacity: capacity)
        marked?.append(contentsOf: UnsafeRawBufferPointer(start: out, count: n))
        return n
    }

    /// Prepares for `rewind`: call it before the first `read`. Memory: of standard input and pipes, all bytes that are
    /// read until then; nothing for a file.
    package func mark() { if total == nil { marked = [] } }

    /// Returns to the first byte, after `mark`, so that the input is read again from its start. Complexity: O(1).
    ///
    /// Errors: `failed` when the file cannot be read again.
    package func rewind() throws(StorageError) {
        if let bytes = marked {
            replayed = (bytes, 0)
            marked = nil
            return
        }
        guard total != nil else { return }
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .last("rewind", name) }
        (inputStart, inputEnd, consumed) = (0, 0, 0)
        gzip?.reset()
    }

    /// Reads bytes that were not read before.
    private func readOnce(into out: UnsafeMutableRawPointer, capacity: Int) throws(StorageError) -> Int {
        if let gzip { return try inflate(gzip, into: out, capacity: capacity) }
        if inputStart == inputEnd, try refill() == 0 { return 0 }
        let n = min(capacity, inputEnd - inputStart)
        input.withUnsafeBytes { out.copyMemory(from: $0.baseAddress! + inputStart, byteCount: n) }
        inputStart += n
        return n
    }

    /// Reads more of the file after the bytes that are buffered and returns the number of new ones; 0 at its end.
    private func refill() throws(StorageError) -> Int {
        if inputStart == inputEnd { (inputStart, inputEnd) = (0, 0) }
        let room = input.count - inputEnd
        let end = inputEnd
        while true {
            let n = input.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + end, room) }
            if n < 0, errno == EINTR { continue }
            guard n >= 0 else { throw .last("read", name) }
            consumed += n
            inputEnd += n
            return n
        }
    }

    /// Decompresses until there is at least one byte, or the input ends.
    private func inflate(
        _ decoder: GzipDecoder, into out: UnsafeMutableRawPointer, capacity: Int
    ) throws(StorageError) -> Int {
        let output = UnsafeMutableRawBufferPointer(start: out, count: capacity)
        while true {
            if inputStart == inputEnd, try refill() == 0 {
                if decoder.isInsideMember { throw .truncated(path: name, offset: consumed) }
                return 0
            }
            let range = inputStart..<inputEnd
            let result = input.withUnsafeBytes { bytes in
                Result { () throws(GzipDecoder.Corruption) in
                    try decoder.decode(UnsafeRawBufferPointer(rebasing: bytes[range]), into: output)
                }
            }
            switch result {
            case .success(let step):
                inputStart += step.consumed
                if step.produced > 0 { return step.produced }
            case .failure(let error):
                inputStart += error.consumed
                throw .corrupt(path: name, offset: consumed - (inputEnd - inputStart), reason: error.reason)
            }
        }
    }
}
