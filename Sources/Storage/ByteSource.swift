import CCodecs
import Glibc

/// Input read once from front to back: a file, standard input, or either of them gzipped.
///
/// Compression is recognised by its first bytes, not by the name. `consumed` counts bytes of the file itself, so that
/// it can be compared with `total` for progress.
public final class ByteSource {
    /// What to call the input in messages.
    public let name: String
    /// Bytes of the file; nil for standard input.
    public let total: Int?
    /// Bytes of the file read so far, before decompression.
    public private(set) var consumed = 0

    private let descriptor: Int32
    private var input = [UInt8](repeating: 0, count: 1 << 18)
    private var inputStart = 0
    private var inputEnd = 0
    private var gzip: UnsafeMutablePointer<z_stream>?
    private var insideMember = false

    /// Opens a file, or standard input for the path `-`.
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
            let known = fstat(descriptor, &info) == 0
            if known, info.st_mode & S_IFMT == S_IFDIR {
                close(descriptor)
                throw .failed(operation: "read", path: path, code: EISDIR)
            }
            total = known && info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : nil
        }
        while inputEnd < 2, try refill() > 0 {}
        if inputEnd >= 2, input[0] == 0x1F, input[1] == 0x8B { try openMember() }
    }

    deinit {
        if let gzip {
            inflateEnd(gzip)
            gzip.deallocate()
        }
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Reads up to `capacity` bytes into `out`; zero means the end.
    ///
    /// Errors: `truncated` when a gzip member breaks off, `damaged` when its checksum or its codes are wrong.
    public func read(into out: UnsafeMutableRawPointer, capacity: Int) throws(StorageError) -> Int {
        precondition(capacity > 0, "no room to read into")
        if let gzip { return try inflate(gzip, into: out, capacity: capacity) }
        if inputStart == inputEnd, try refill() == 0 { return 0 }
        let n = min(capacity, inputEnd - inputStart)
        input.withUnsafeBytes { out.copyMemory(from: $0.baseAddress! + inputStart, byteCount: n) }
        inputStart += n
        return n
    }

    /// Reads more of the file behind what is left; answers the number of new bytes.
    private func refill() throws(StorageError) -> Int {
        if inputStart == inputEnd { (inputStart, inputEnd) = (0, 0) }
        let room = input.count - inputEnd
        let at = inputEnd
        while true {
            let n = input.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + at, room) }
            if n < 0, errno == EINTR { continue }
            guard n >= 0 else { throw .last("read", name) }
            consumed += n
            inputEnd += n
            return n
        }
    }

    private func openMember() throws(StorageError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard quire_gunzip_open(stream) == Z_OK else {
            stream.deallocate()
            throw .failed(operation: "decompress", path: name, code: ENOMEM)
        }
        gzip = stream
        insideMember = true
    }

    private func inflate(
        _ stream: UnsafeMutablePointer<z_stream>, into out: UnsafeMutableRawPointer, capacity: Int
    ) throws(StorageError) -> Int {
        stream.pointee.next_out = out.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(capacity)
        while stream.pointee.avail_out == UInt32(capacity) {
            if inputStart == inputEnd, try refill() == 0 {
                if insideMember { throw .truncated(path: name, offset: consumed) }
                return 0
            }
            if !insideMember {
                // Zeros behind a member are padding, as gzip itself takes them.
                while inputStart < inputEnd, input[inputStart] == 0 { inputStart += 1 }
                if inputStart == inputEnd { continue }
                inflateReset(stream)
                insideMember = true
            }
            let available = inputEnd - inputStart
            let code = input.withUnsafeMutableBufferPointer { bytes in
                stream.pointee.next_in = bytes.baseAddress! + inputStart
                stream.pointee.avail_in = UInt32(available)
                return CCodecs.inflate(stream, Z_NO_FLUSH)
            }
            inputStart = inputEnd - Int(stream.pointee.avail_in)
            switch code {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: insideMember = false
            default:
                let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
                throw .damaged(path: name, offset: consumed - (inputEnd - inputStart), reason: reason)
            }
        }
        return capacity - Int(stream.pointee.avail_out)
    }
}
