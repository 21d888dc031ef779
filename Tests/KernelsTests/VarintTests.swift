import Kernels
import TestSupport
import Testing

@Suite struct VarintTests {
    /// Values on both sides of every change of length, and of the limits of `Int`.
    private static let boundaries: [UInt64] = {
        var values: Set<UInt64> = [0, 1, .max, .max - 1, UInt64(Int.max), UInt64(Int.max) + 1]
        for bits in 1..<64 {
            let power = UInt64(1) << UInt64(bits)
            values.formUnion([power - 1, power, power + 1])
        }
        return values.sorted()
    }()

    /// A reference implementation of LEB128.
    private func twin(_ value: UInt64) -> [UInt8] {
        var groups: [UInt8] = []
        var remaining = value
        repeat {
            groups.append(UInt8(remaining % 128))
            remaining /= 128
        } while remaining > 0
        return groups.enumerated().map { $0.offset == groups.count - 1 ? $0.element : $0.element + 128 }
    }

    private func written(_ value: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 10)
        let n = bytes.withUnsafeMutableBufferPointer { writeVarint(value, to: $0.baseAddress!) }
        return Array(bytes.prefix(n))
    }

    @Test func writingMatchesTheReference() {
        for value in Self.boundaries { #expect(written(value) == twin(value), "\(value)") }
        #expect(written(.max).count == 10)
    }

    @Test func readsBackEveryBoundary() {
        for value in Self.boundaries {
            let bytes = GuardedBytes(twin(value))
            var reader = ByteReader(bytes.pointer, count: bytes.count)
            #expect(reader.varint() == value)
            #expect(reader.isAtEnd)
            #expect(!reader.failed)
        }
    }

    @Test func manyVarintsRoundTrip() {
        var random = SplitMix64(seed: 11)
        let values = Self.boundaries + (0..<2000).map { _ in random.next() >> (random.next() % 64) }
        var out = GrowableBuffer<UInt8>(capacity: 1)
        for value in values { out.append(varint: value) }
        let bytes = GuardedBytes(Array(out.elements))
        var reader = ByteReader(bytes.pointer, count: bytes.count)
        for value in values { #expect(reader.varint() == value) }
        #expect(reader.isAtEnd)
        #expect(!reader.failed)
    }

    @Test func everyTruncationFailsAndStaysFailed() {
        for value in Self.boundaries {
            let whole = twin(value)
            for length in 0..<whole.count {
                let bytes = GuardedBytes(Array(whole.prefix(length)))
                var reader = ByteReader(bytes.pointer, count: length)
                #expect(reader.varint() == 0)
                #expect(reader.failed)
                #expect(reader.offset == length)
                #expect(reader.varint() == 0)
                #expect(reader.failed)
                #expect(reader.offset == length)
            }
        }
    }

    @Test func failureOutlastsLaterReads() {
        let bytes = GuardedBytes([UInt8](repeating: 0x80, count: 10) + [5])
        var reader = ByteReader(bytes.pointer, count: bytes.count)
        #expect(reader.varint() == 0)
        #expect(reader.failed)
        #expect(reader.varint() == 5)
        #expect(reader.failed, "a valid value after an invalid one must not clear the failure")
    }

    @Test func moreThanTenBytesFail() {
        for length in 11...20 {
            let bytes = GuardedBytes([UInt8](repeating: 0x80, count: length - 1) + [1])
            var reader = ByteReader(bytes.pointer, count: bytes.count)
            #expect(reader.varint() == 0)
            #expect(reader.failed)
        }
    }

    /// The tenth byte has room for one bit; more bits make a value of more than 64.
    @Test(arguments: [2, 3, 0x40, 0x7F] as [UInt8])
    func tenBytesWithMoreThan64BitsFail(last: UInt8) {
        let bytes = GuardedBytes([UInt8](repeating: 0x80, count: 9) + [last])
        var reader = ByteReader(bytes.pointer, count: bytes.count)
        #expect(reader.varint() == 0)
        #expect(reader.failed)
    }

    @Test func lengthsMustFitInt() {
        for value in Self.boundaries {
            let bytes = GuardedBytes(twin(value))
            var reader = ByteReader(bytes.pointer, count: bytes.count)
            let length = reader.length()
            #expect(reader.failed == (value > UInt64(Int.max)))
            #expect(length == Int(exactly: value) ?? 0)
        }
    }
}

@Suite struct ByteReaderTests {
    @Test func integersAreLittleEndianAndUnaligned() {
        let bytes = GuardedBytes([9, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xFE, 0xFF])
        var reader = ByteReader(bytes.pointer, count: bytes.count)
        #expect(reader.integer(UInt8.self) == 9)
        #expect(reader.integer(UInt64.self) == 0x0807_0605_0403_0201)
        #expect(reader.integer(Int16.self) == -2)
        #expect(reader.isAtEnd)
        #expect(!reader.failed)
    }

    @Test func integersThatDoNotFitFailWithoutMoving() {
        for count in 0..<8 {
            let bytes = GuardedBytes([UInt8](repeating: 0xFF, count: count))
            var reader = ByteReader(bytes.pointer, count: count)
            #expect(reader.integer(UInt64.self) == 0)
            #expect(reader.failed)
            #expect(reader.offset == 0)
        }
    }

    @Test func bytesAreNotCopiedAndNotCutShort() {
        let bytes = GuardedBytes([1, 2, 3, 4, 5])
        var reader = ByteReader(bytes.pointer, count: 5, offset: 1)
        let piece = reader.bytes(3)
        #expect(Array(piece) == [2, 3, 4])
        #expect(piece.baseAddress == UnsafeRawPointer(bytes.pointer + 1))
        #expect(reader.bytes(0).isEmpty)
        #expect(!reader.failed)
        for length in [2, 6, Int.max, -1, Int.min] {
            var copy = reader
            #expect(copy.bytes(length).isEmpty)
            #expect(copy.failed)
            #expect(copy.offset == 4)
        }
        #expect(Array(reader.bytes(1)) == [5])
        #expect(reader.isAtEnd)
        #expect(!reader.failed)
    }

    @Test(arguments: [-1, 6, Int.max, Int.min])
    func anOffsetOutsideTheBytesFails(offset: Int) {
        let bytes = GuardedBytes([1, 2, 3, 4, 5])
        let reader = ByteReader(bytes.pointer, count: 5, offset: offset)
        #expect(reader.failed)
        #expect(reader.offset == 0)
    }

    /// Random reads over random bytes: the offset never leaves the bytes, and `failed` is never cleared.
    @Test func randomReadsStayInside() {
        var random = SplitMix64(seed: 23)
        for _ in 0..<2000 {
            let bytes = GuardedBytes(random.bytes(Int(random.next() % 40)))
            var reader = ByteReader(bytes.pointer, count: bytes.count)
            var hadFailed = false
            for _ in 0..<20 {
                switch random.next() % 5 {
                case 0: _ = reader.varint()
                case 1: _ = reader.length()
                case 2: _ = reader.integer(UInt32.self)
                case 3: _ = reader.integer(UInt64.self)
                default: _ = reader.bytes(Int(truncatingIfNeeded: random.next() % 12) - 2).reduce(0) { $0 &+ Int($1) }
                }
                #expect((0...bytes.count).contains(reader.offset))
                #expect(reader.failed || !hadFailed)
                hadFailed = reader.failed
            }
        }
    }
}
