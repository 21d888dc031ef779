import Storage
import TestSupport
import Testing

/// Files without a name.
@Suite struct SpoolFileTests {
    private let folder = TemporaryFolder()

    @Test func bytesAreReadAsTheyWereWritten() throws {
        var random = SplitMix64(seed: 4)
        let file = try SpoolFile(in: folder.path)
        #expect(try PosixFileSystem().list(folder.path).isEmpty)
        var expected: [UInt8] = []
        for _ in 0..<20 {
            let piece = random.bytes(random.below(100_000))
            try piece.withUnsafeBytes { try file.write($0, at: expected.count) }
            expected += piece
        }
        for _ in 0..<50 {
            let start = random.below(expected.count)
            var piece = [UInt8](repeating: 0, count: random.below(expected.count - start + 1))
            try piece.withUnsafeMutableBytes { try file.read(into: $0, at: start) }
            let isSame = piece[...] == expected[start..<start + piece.count]
            #expect(isSame)
        }
    }

    @Test func itsSpaceIsReturned() throws {
        do {
            let file = try SpoolFile(in: folder.path)
            try [1, 2, 3].withUnsafeBytes { try file.write($0, at: 0) }
            #expect(folder.openDescriptors == 1)
        }
        #expect(folder.openDescriptors == 0)
    }

    @Test func whatCannotBeReadIsAnError() throws {
        #expect(throws: StorageError.self) { try SpoolFile(in: folder["none"]) }
        let file = try SpoolFile(in: folder.path)
        var piece: [UInt8] = [0]
        #expect(throws: StorageError.self) {
            try piece.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        }
    }
}
