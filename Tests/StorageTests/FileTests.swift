import Glibc
import Storage
import TestSupport
import Testing

/// `AppendFile` and `MappedFile`: the bytes that are written are those that are read.
@Suite struct FileTests {
    private let folder = TemporaryFolder()

    @Test func smallPiecesOfArraysAndBuffers() throws {
        let file = try AppendFile(creating: folder["a"], in: PosixFileSystem())
        try file.append([1, 2, 3])
        try file.append([])
        try [4, 5 as UInt8].withUnsafeBytes { try file.append(UnsafeRawBufferPointer(rebasing: $0[..<1])) }
        try file.append(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(file.offset == 4)
        #expect(file.path == folder["a"])
        try file.finish(sync: true)
        #expect(folder.read("a") == [1, 2, 3, 4])
        let mapped = try MappedFile(folder["a"])
        withExtendedLifetime(mapped) { #expect(Array(mapped.bytes) == [1, 2, 3, 4]) }
        #expect(mapped.path == folder["a"])
    }

    /// Sizes around that of the buffer, in orders that leave it empty, partly filled and full before the next piece.
    @Test(arguments: [
        [1 << 20], [(1 << 20) - 1], [(1 << 20) + 1], [3 << 20], [1, 1 << 20], [(1 << 20) - 1, 1, 1],
        [(1 << 20) - 1, 2], [5, 3 << 20, 7], [600_000, 600_000, 600_000], [1 << 20, 1 << 20, 1], [0, (1 << 20) + 1, 0],
    ])
    func largePieces(sizes: [Int]) throws {
        var random = SplitMix64(seed: UInt64(sizes.reduce(0, +)))
        for asArrays in [true, false] {
            let name = asArrays ? "arrays" : "buffers"
            var expected: [UInt8] = []
            let file = try AppendFile(creating: folder[name], in: PosixFileSystem())
            for size in sizes {
                let piece = random.bytes(size)
                if asArrays {
                    try file.append(piece)
                } else {
                    try piece.withUnsafeBytes { bytes in try file.append(bytes) }
                }
                expected += piece
                #expect(file.offset == expected.count)
            }
            try file.finish(sync: false)
            let isWritten = areSame(folder.read(name), expected)
            let mapped = try MappedFile(folder[name])
            let isMapped = withExtendedLifetime(mapped) { areSame(Array(mapped.bytes), expected) }
            #expect(isWritten)
            #expect(isMapped)
        }
    }

    @Test func paddingReachesTheNextMultipleWithZeros() throws {
        let file = try AppendFile(creating: folder["padded"], in: PosixFileSystem())
        var expected: [UInt8] = []
        for (step, alignment) in [1, 2, 8, 64, 4096, 8, 7, 65536, 64].enumerated() {
            try file.append([UInt8](repeating: 0xEE, count: step))
            expected += [UInt8](repeating: 0xEE, count: step)
            try file.pad(to: alignment)
            while expected.count % alignment != 0 { expected.append(0) }
            #expect(file.offset == expected.count)
            try file.pad(to: alignment)
            #expect(file.offset == expected.count, "an aligned file needs no padding")
        }
        try file.finish(sync: false)
        let isWritten = areSame(folder.read("padded"), expected)
        #expect(isWritten)
    }

    @Test func anExistingFileIsNeverOverwritten() throws {
        folder.write([7, 7], to: "there")
        let error = storageError { _ = try AppendFile(creating: folder["there"], in: PosixFileSystem()) }
        #expect(error == .failed(operation: "create", path: folder["there"], code: EEXIST))
        #expect(folder.read("there") == [7, 7])
    }

    @Test func creatingInAMissingFolderNamesThePath() {
        let path = folder["no/such/file"]
        #expect(storageError { _ = try AppendFile(creating: path, in: PosixFileSystem()) } == .missing(path: path))
    }

    @Test func anEmptyFileMapsToZeroBytes() throws {
        try AppendFile(creating: folder["empty"], in: PosixFileSystem()).finish(sync: false)
        #expect(folder.read("empty") == [])
        #expect(try MappedFile(folder["empty"]).bytes.isEmpty)
    }

    @Test func mappingAnythingElseThanAFileFails() {
        let missing = folder["none"]
        #expect(storageError { _ = try MappedFile(missing) } == .missing(path: missing))
        #expect(storageError { _ = try MappedFile(folder.path) }?.code == EISDIR)
    }

    @Test func aMappingIsPageAlignedAndOutlivesItsName() throws {
        var random = SplitMix64(seed: 8)
        let bytes = random.bytes(100_000)
        folder.write(bytes, to: "old")
        let mapped = try MappedFile(folder["old"])
        let start = try #require(mapped.bytes.baseAddress)
        #expect(Int(bitPattern: start) % Int(getpagesize()) == 0)
        try PosixFileSystem().rename(folder["old"], to: folder["new"])
        try PosixFileSystem().remove(folder["new"])
        let isKept = withExtendedLifetime(mapped) { areSame(Array(mapped.bytes), bytes) }
        #expect(isKept)
    }

    @Test func noDescriptorStaysOpen() throws {
        let finished = try AppendFile(creating: folder["finished"], in: PosixFileSystem())
        #expect(folder.openDescriptors == 1)
        try finished.append([1])
        try finished.finish(sync: false)
        #expect(folder.openDescriptors == 0)
        do {
            let dropped = try AppendFile(creating: folder["dropped"], in: PosixFileSystem())
            try dropped.append([1])
            #expect(folder.openDescriptors == 1)
        }
        #expect(folder.openDescriptors == 0)
        let mapped = try MappedFile(folder["finished"])
        #expect(folder.openDescriptors == 0, "a mapping needs no descriptor")
        withExtendedLifetime(mapped) { #expect(Array(mapped.bytes) == [1]) }
    }
}
