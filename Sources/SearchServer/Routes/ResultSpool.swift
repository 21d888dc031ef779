import Hummingbird
import NIOPosix
import Storage

/// The result lines of an upload, kept until they can be sent: in memory, and beyond a limit in a file without a name.
///
/// ```swift
/// var results = ResultSpool(in: store.folder.path)
/// results.append(line)
/// try await results.spill()
/// return Response(status: .ok, body: results.body())
/// ```
struct ResultSpool {
    /// The newest bytes, which follow those of the file.
    private var memory = ByteBuffer()
    /// The file, once there was more than fits into memory.
    private var file: SpoolFile?
    /// The number of bytes in the file.
    private var fileBytes = 0
    /// The number of bytes in memory from which on they are moved to the file.
    private let memoryLimit: Int
    private let maxBytes: Int
    /// The folder on whose disk the file is created.
    private let folder: String

    /// The size of the pieces that are read from the file and sent, in bytes.
    private static let pieceBytes = 64 << 10

    /// Creates an empty spool, which is full at `maxBytes`: the results of some 20 million lines.
    init(in folder: String, memoryLimit: Int = 1 << 20, maxBytes: Int = 1 << 30) {
        self.folder = folder
        self.memoryLimit = memoryLimit
        self.maxBytes = maxBytes
    }

    /// The number of bytes.
    var count: Int { fileBytes + memory.readableBytes }
    /// True if no more lines should be appended.
    var isFull: Bool { count > maxBytes }

    /// Appends a line; `line` is without its line break.
    mutating func append(_ line: some Sequence<UInt8>) {
        memory.writeBytes(line)
        memory.writeInteger(UInt8(ascii: "\n"))
    }

    /// Moves the bytes in memory to the file if they are more than the limit. Nothing is lost when that fails: they
    /// stay in memory.
    ///
    /// Errors: those of the disk.
    mutating func spill() async throws {
        guard memory.readableBytes > memoryLimit else { return }
        let bytes = memory
        let offset = fileBytes
        let (folder, current) = (folder, file)
        file = try await NIOThreadPool.singleton.runIfActive {
            let file = try current ?? SpoolFile(in: folder)
            try bytes.withUnsafeReadableBytes { try file.write($0, at: offset) }
            return file
        }
        fileBytes += bytes.readableBytes
        memory.clear()
    }

    /// Returns the bytes as the body of a response, whose length is known. The spool must not change afterwards.
    func body() -> ResponseBody {
        guard let file else { return ResponseBody(byteBuffer: memory) }
        let (memory, fileBytes) = (memory, fileBytes)
        return ResponseBody(contentLength: count) { out in
            for start in stride(from: 0, to: fileBytes, by: Self.pieceBytes) {
                let length = min(Self.pieceBytes, fileBytes - start)
                let piece = try await NIOThreadPool.singleton.runIfActive {
                    var piece = ByteBuffer()
                    try piece.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { room in
                        try file.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<length]), at: start)
                        return length
                    }
                    return piece
                }
                try await out.write(piece)
            }
            try await out.write(memory)
            try await out.finish(nil)
        }
    }
}
