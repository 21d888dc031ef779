import Kernels
import TestSupport
import Testing

@Suite struct GrowableBufferTests {
    @Test func appendingKeepsTheElements() {
        var buffer = GrowableBuffer<UInt32>(capacity: 0)
        #expect(buffer.capacity >= 1)
        #expect(buffer.elements.isEmpty)
        for i in 0..<100_000 { buffer.append(UInt32(i) &* 2_654_435_761) }
        #expect(buffer.count == 100_000)
        #expect(buffer.byteCount == 400_000)
        #expect(buffer.capacity >= buffer.count)
        let intact = (0..<100_000).allSatisfy { buffer[$0] == UInt32($0) &* 2_654_435_761 }
        #expect(intact)
    }

    /// The three ways to append, with pieces of random sizes, against an array.
    @Test func appendedPiecesMatchAnArray() {
        var random = SplitMix64(seed: 12)
        var expected: [UInt64] = []
        var buffer = GrowableBuffer<UInt64>(capacity: 3)
        for _ in 0..<400 {
            let size = Int(random.next() % 50)
            switch random.next() % 3 {
            case 0:
                let piece = (0..<size).map { _ in random.next() }
                piece.withUnsafeBufferPointer { if let p = $0.baseAddress { buffer.append(from: p, count: size) } }
                expected += piece
            case 1:
                let value = random.next()
                buffer.append(repeating: value, count: size)
                expected += [UInt64](repeating: value, count: size)
            default:
                let value = random.next()
                buffer.append(value)
                expected.append(value)
            }
            #expect(buffer.count == expected.count)
            #expect(buffer.count <= buffer.capacity)
        }
        let isSame = buffer.elements.elementsEqual(expected)
        #expect(isSame)
    }

    @Test func reserveMakesRoomAndChangesNothing() {
        var buffer = GrowableBuffer<UInt16>(capacity: 2)
        buffer.append(7)
        buffer.append(8)
        buffer.reserve(1_000_000)
        #expect(buffer.capacity >= 1_000_002)
        #expect(buffer.count == 2)
        let base = buffer.base
        buffer.append(repeating: 9, count: 1_000_000)
        #expect(buffer.base == base, "reserved room is used without moving")
        let ends = [buffer[0], buffer[1], buffer[2], buffer[1_000_001]]
        #expect(ends == [7, 8, 9, 9])
    }

    @Test func growthIsGeometric() {
        var buffer = GrowableBuffer<UInt8>(capacity: 1)
        var growths = 0
        var capacity = buffer.capacity
        for _ in 0..<1_000_000 {
            buffer.append(1)
            if buffer.capacity != capacity {
                growths += 1
                #expect(buffer.capacity >= capacity + capacity / 2)
                capacity = buffer.capacity
            }
        }
        #expect(growths < 40)
    }

    @Test func removeAllKeepsTheCapacityAndReleaseFreesIt() {
        var buffer = GrowableBuffer<UInt8>(capacity: 1)
        buffer.append(repeating: 3, count: 5000)
        let capacity = buffer.capacity
        buffer.removeAll()
        #expect(buffer.count == 0)
        #expect(buffer.capacity == capacity)
        buffer.append(4)
        buffer.release()
        #expect(buffer.count == 0)
        #expect(buffer.capacity < 100)
        buffer.append(repeating: 5, count: 300)
        let found = Array(buffer.elements)
        #expect(found == [UInt8](repeating: 5, count: 300))
    }

    @Test func elementsCanBeReplaced() {
        var buffer = GrowableBuffer<Int>(capacity: 4)
        buffer.append(repeating: 0, count: 4)
        for i in 0..<4 { buffer[i] = i * i }
        let found = Array(buffer.elements)
        #expect(found == [0, 1, 4, 9])
    }

    @Test func appendsStringsIntegersAndBytes() {
        var buffer = GrowableBuffer<UInt8>(capacity: 1)
        buffer.append(utf8: "ß漢")
        buffer.append(utf8: "")
        buffer.append(littleEndian: 0x0102_0304 as UInt32)
        buffer.append(littleEndian: -2 as Int64)
        buffer.append(littleEndian: 0xAB as UInt8)
        buffer.append(contentsOf: [1, 2, 3])
        buffer.append(contentsOf: UnsafeRawBufferPointer(start: nil, count: 0))
        buffer.append(varint: 300)
        let found = Array(buffer.elements)
        let integers: [UInt8] = [4, 3, 2, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xAB]
        #expect(found == Array("ß漢".utf8) + integers + [1, 2, 3, 0xAC, 0x02])
    }
}
