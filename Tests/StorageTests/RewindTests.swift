import Glibc
import Storage
import TestSupport
import Testing

/// Sources whose start is read twice.
@Suite struct RewindTests {
    private let folder = TemporaryFolder()

    /// Reads up to `count` bytes, in pieces of `capacity`.
    private func read(_ source: ByteSource, _ count: Int, capacity: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: capacity)
        while bytes.count < count {
            let n = try piece.withUnsafeMutableBytes {
                try source.read(into: $0.baseAddress!, capacity: min(capacity, count - bytes.count))
            }
            if n == 0 { break }
            bytes += piece[..<n]
        }
        return bytes
    }

    /// A source with these bytes: a file, or a pipe that is closed behind them.
    private func source(_ bytes: [UInt8], isPipe: Bool) throws -> ByteSource {
        guard isPipe else {
            folder.write(bytes, to: "input")
            return try ByteSource(folder["input"])
        }
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        // F_SETPIPE_SZ, so that the pipe takes all bytes before there is a reader.
        #expect(fcntl(ends[1], 1031, 1 << 20) >= bytes.count)
        #expect(write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        defer { close(ends[0]) }
        return try ByteSource("/dev/fd/\(ends[0])")
    }

    @Test(arguments: [false, true], [0, 1, 1000, 300_000, 500_000])
    func everyByteIsReadAgain(isPipe: Bool, size: Int) throws {
        var random = SplitMix64(seed: UInt64(size))
        let raw = random.bytes(500_000)
        for file in [raw, Gzip.stored(raw)] {
            let source = try source(file, isPipe: isPipe)
            #expect((source.total == nil) == isPipe)
            source.mark()
            let sample = try read(source, size, capacity: 4096)
            #expect(areSame(sample, Array(raw.prefix(size))))
            try source.rewind()
            let whole = try read(source, .max, capacity: 70_000)
            #expect(areSame(whole, raw), "after \(size) bytes")
            #expect(source.consumed == file.count)
            #expect(try read(source, .max, capacity: 1) == [])
        }
    }

    @Test func sourcesThatWereReadToTheirEndStartAgain() throws {
        for isPipe in [false, true] {
            let members = Gzip.stored(Array("first ".utf8)) + Gzip.compressedSquares
            let expected = Array("first ".utf8) + Gzip.squares
            let source = try source(members, isPipe: isPipe)
            source.mark()
            #expect(areSame(try read(source, .max, capacity: 999), expected))
            try source.rewind()
            #expect(areSame(try read(source, .max, capacity: 100_000), expected))
        }
    }

    @Test func corruptionBehindTheSampleIsFound() throws {
        let file = Gzip.stored([UInt8](repeating: 7, count: 400_000))
        for isPipe in [false, true] {
            let source = try source(Array(file.dropLast(3)), isPipe: isPipe)
            source.mark()
            _ = try read(source, 10, capacity: 10)
            try source.rewind()
            #expect(throws: StorageError.self) { try read(source, .max, capacity: 65_536) }
        }
    }
}
