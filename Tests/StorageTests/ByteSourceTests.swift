import Glibc
import Storage
import TestSupport
import Testing

/// Plain and gzip input: whole, truncated and corrupt.
@Suite struct ByteSourceTests {
    private let folder = TemporaryFolder()

    /// The bytes of a file read in pieces of `capacity`, and the error that ended the reading, if any.
    private func contents(_ name: String, capacity: Int) throws -> (bytes: [UInt8], error: StorageError?) {
        let source = try ByteSource(folder[name])
        let total = try PosixFileSystem().size(folder[name])
        #expect(source.name == folder[name])
        #expect(source.total == total)
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + 1, alignment: 8)
        defer { piece.deallocate() }
        piece[capacity] = 0xC3
        var bytes: [UInt8] = []
        var consumed = source.consumed
        var n = 0
        repeat {
            do throws(StorageError) {
                n = try source.read(into: piece.baseAddress!, capacity: capacity)
            } catch {
                return (bytes, error)
            }
            #expect(n <= capacity)
            #expect(piece[capacity] == 0xC3)
            #expect(source.consumed >= consumed)
            #expect(source.consumed <= total)
            consumed = source.consumed
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: piece.assumingMemoryBound(to: UInt8.self)[..<n]))
        } while n > 0
        #expect(consumed == total)
        #expect(try source.read(into: piece.baseAddress!, capacity: capacity) == 0, "the end stays the end")
        return (bytes, nil)
    }

    private func expectContents(
        _ expected: [UInt8], of file: [UInt8], capacities: [Int], at location: SourceLocation = #_sourceLocation
    ) throws {
        folder.write(file, to: "input")
        for capacity in capacities {
            let found = try contents("input", capacity: capacity)
            #expect(found.error == nil, sourceLocation: location)
            let isWhole = areSame(found.bytes, expected)
            #expect(isWhole, "in pieces of \(capacity)", sourceLocation: location)
        }
        #expect(folder.openDescriptors == 0, sourceLocation: location)
    }

    @Test(arguments: [0, 1, 2, 3, 7, 262_143, 262_144, 262_145, 600_000])
    func plainFiles(size: Int) throws {
        var random = SplitMix64(seed: UInt64(size))
        var bytes = random.bytes(size)
        if size > 0 { bytes[0] = 0x1E }
        try expectContents(bytes, of: bytes, capacities: size < 10 ? [1, 2, 3, 100] : [1000, 65_536, 1 << 20])
    }

    @Test func filesThatOnlyStartLikeGzipArePlain() throws {
        for bytes in [[0x1F], [0x1F, 0x8A, 8], [0x8B, 0x1F], [0, 0x1F, 0x8B]] as [[UInt8]] {
            try expectContents(bytes, of: bytes, capacities: [1, 10])
        }
    }

    @Test(arguments: [0, 1, 2, 65_534, 65_535, 65_536, 300_000])
    func aSingleMember(size: Int) throws {
        var random = SplitMix64(seed: UInt64(size))
        let raw = random.bytes(size)
        try expectContents(raw, of: Gzip.stored(raw), capacities: size < 10 ? [1, 2, 100] : [999, 65_536, 1 << 20])
    }

    @Test func aMemberWithHuffmanCodes() throws {
        try expectContents(Gzip.squares, of: Gzip.compressedSquares, capacities: [7, 4096, 1 << 20])
    }

    @Test func severalMembersAreConcatenated() throws {
        let (a, b) = (Array("first ".utf8), Array("second".utf8))
        let members = Gzip.stored(a) + Gzip.stored([]) + Gzip.stored(b) + Gzip.compressedSquares + Gzip.stored([])
        try expectContents(a + b + Gzip.squares, of: members, capacities: [5, 6, 1000, 1 << 20])
        try expectContents([], of: Gzip.stored([]) + Gzip.stored([]), capacities: [1, 10])
    }

    /// Members that end just before, at and just after the end of the 256 KB that are read at once.
    @Test func membersEndAnywhereInTheBuffer() throws {
        var random = SplitMix64(seed: 77)
        let second = Array("the second member".utf8)
        let bufferSized = 262_144 - 18 - 4 * 5
        for delta in [-30, -10, -1, 0, 1, 9, 30] {
            let size = bufferSized + delta
            let first = random.bytes(size)
            let member = Gzip.stored(first)
            #expect(size != bufferSized || member.count == 262_144)
            try expectContents(first + second, of: member + Gzip.stored(second), capacities: [100_000])
            try expectContents(first, of: member, capacities: [100_000])
        }
    }

    /// Every prefix of two members gives a prefix of the text and the error `truncated`, except at the end of a member.
    @Test func everyTruncationIsDetected() throws {
        let (a, b) = (Array("first ".utf8), Gzip.squares)
        let first = Gzip.stored(a)
        let file = first + Gzip.compressedSquares
        let whole = a + b
        for length in 2..<file.count {
            folder.write(Array(file.prefix(length)), to: "cut")
            for capacity in length % 50 == 0 ? [11, 5000] : [5000] {
                let found = try contents("cut", capacity: capacity)
                let isPrefixOfText = isPrefix(found.bytes, of: whole)
                #expect(isPrefixOfText, "cut at \(length)")
                if length == first.count {
                    #expect(found.error == nil)
                    #expect(found.bytes == a)
                } else {
                    #expect(found.error == .truncated(path: folder["cut"], offset: length), "cut at \(length)")
                }
            }
        }
        #expect(folder.openDescriptors == 0)
    }

    /// Flipping any bit after the magic number is an error or leaves the text as it was: the fields for time, system
    /// and level do not count, nor do the up to seven bits that pad the last byte of codes.
    @Test func everyFlippedBitIsDetected() throws {
        let text = Array("stored text".utf8)
        for (raw, intact, step) in [(text, Gzip.stored(text), 1), (Gzip.squares, Gzip.compressedSquares, 5)] {
            var harmlessCount = 0
            for bit in stride(from: 16, to: intact.count * 8, by: step) {
                var file = intact
                file[bit / 8] ^= 1 << UInt8(bit % 8)
                folder.write(file, to: "corrupt")
                let found = try contents("corrupt", capacity: 60_000)
                switch found.error {
                case .corrupt(let path, let offset, let reason):
                    #expect(path == folder["corrupt"])
                    #expect((0...file.count).contains(offset))
                    #expect(!reason.isEmpty)
                case .truncated(let path, let offset):
                    #expect(path == folder["corrupt"])
                    #expect(offset == file.count)
                case nil:
                    let isUnchanged = areSame(found.bytes, raw)
                    #expect(isUnchanged, "bit \(bit) changed the text without an error")
                    harmlessCount += 1
                default:
                    Issue.record("bit \(bit): \(String(describing: found.error))")
                }
            }
            #expect(harmlessCount <= 8 * 8 + 7)
        }
        #expect(folder.openDescriptors == 0)
    }

    @Test func aWrongChecksumIsReportedNearTheEnd() throws {
        var file = Gzip.stored(Array("text".utf8))
        file[file.count - 8] ^= 1
        folder.write(file, to: "corrupt")
        let found = try contents("corrupt", capacity: 100)
        guard case .corrupt(_, let offset, let reason) = try #require(found.error) else {
            Issue.record("no corruption reported: \(found)")
            return
        }
        #expect(offset > file.count - 8)
        #expect(offset <= file.count)
        #expect(reason.contains("check"))
    }

    @Test func onlyMembersMayFollowAMember() throws {
        folder.write(Gzip.stored([1, 2, 3]) + Array("not gzip".utf8), to: "tail")
        let found = try contents("tail", capacity: 3)
        #expect(found.bytes == [1, 2, 3])
        guard case .corrupt = try #require(found.error) else {
            Issue.record("no corruption reported: \(found)")
            return
        }
    }

    @Test func openingErrorsNameTheFile() throws {
        let missing = folder["none.gz"]
        #expect(storageError { _ = try ByteSource(missing) } == .missing(path: missing))
        let directory = storageError { _ = try ByteSource(folder.path) }
        #expect(directory == .failed(operation: "read", path: folder.path, code: EISDIR))
    }

    /// A source without a size: a named pipe of which the test holds both ends.
    @Test func aPipeHasNoTotal() throws {
        #expect(mkfifo(folder["pipe"], 0o600) == 0)
        let pipe = open(folder["pipe"], O_RDWR | O_CLOEXEC)
        #expect(write(pipe, "abc", 3) == 3)
        let source = try ByteSource(folder["pipe"])
        #expect(source.total == nil)
        var out = [UInt8](repeating: 0, count: 10)
        let n = try out.withUnsafeMutableBytes { try source.read(into: $0.baseAddress!, capacity: 10) }
        #expect(Array(out[..<n]) == Array("abc".utf8))
        close(pipe)
    }
}
