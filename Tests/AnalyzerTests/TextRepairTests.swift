import Analyzer
import Kernels
import TestSupport
import Testing

/// Repair against that of the standard library, which also replaces each maximal ill-formed part by one U+FFFD.
@Suite struct TextRepairTests {
    /// The first and last bytes of every class that RFC 3629 distinguishes.
    private static let edges: [UInt8] = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
        0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFE, 0xFF,
    ]

    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    private func repaired(_ bytes: [UInt8]) -> (bytes: [UInt8], repairs: Int) {
        var out = GrowableBuffer<UInt8>(capacity: 1)
        let repairs = bytes.withUnsafeBufferPointer { repairUTF8($0, into: &out) }
        return (Array(out.elements), repairs)
    }

    /// The number of U+FFFD in some bytes.
    private func replacements(in bytes: [UInt8]) -> Int {
        var count = 0
        var i = 2
        while i < bytes.count {
            if bytes[i] == 0xBD, bytes[i - 1] == 0xBF, bytes[i - 2] == 0xEF { count += 1 }
            i += 1
        }
        return count
    }

    /// True if the repaired bytes, the number of repairs and the valid prefix are those of the standard library.
    private func agrees(_ bytes: [UInt8]) -> Bool {
        let expected = Array(String(decoding: bytes, as: UTF8.self).utf8)
        let found = repaired(bytes)
        guard found.bytes == expected else { return false }
        guard found.repairs == replacements(in: expected) - replacements(in: bytes) else { return false }
        // The prefix is the longest one that is valid.
        let prefix = bytes.withUnsafeBufferPointer { validUTF8Prefix($0) }
        let longestValid = (prefix...bytes.count).last { String(validating: bytes[..<$0], as: UTF8.self) != nil }
        return longestValid == prefix
    }

    @Test func allPairs() {
        var mismatches: [[UInt8]] = []
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max where !agrees([first, second]) { mismatches.append([first, second]) }
        }
        #expect(mismatches == [])
    }

    @Test(arguments: edges)
    func triplesOfEdges(first: UInt8) {
        var mismatches: [[UInt8]] = []
        for second in Self.edges {
            for third in Self.edges where !agrees([first, second, third]) { mismatches.append([first, second, third]) }
        }
        #expect(mismatches == [])
    }

    @Test(arguments: [0xE0, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5] as [UInt8])
    func quadruplesOfEdges(first: UInt8) {
        let edges: [UInt8] = [0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xF0]
        var mismatches: [[UInt8]] = []
        for second in edges {
            for third in edges {
                for fourth in edges {
                    let bytes = [first, second, third, fourth]
                    if !agrees(bytes) { mismatches.append(bytes) }
                }
            }
        }
        #expect(mismatches == [])
    }

    @Test func randomBytes() {
        var random = SplitMix64(seed: 31)
        for _ in 0..<2000 {
            let bytes = (0..<random.below(24)).map { _ in
                random.below(3) == 0 ? UInt8(random.below(256)) : Self.edges[random.below(Self.edges.count)]
            }
            #expect(agrees(bytes), "\(bytes)")
        }
    }

    @Test func mutatedText() {
        var text = RandomText(seed: 32)
        for _ in 0..<500 {
            var bytes = text.next(atMost: 20)
            guard !bytes.isEmpty else { continue }
            switch text.random.below(3) {
            case 0: bytes.remove(at: text.random.below(bytes.count))
            case 1: bytes[text.random.below(bytes.count)] = UInt8(text.random.below(256))
            default: bytes.removeLast()
            }
            #expect(agrees(bytes), "\(bytes)")
        }
    }

    @Test func validTextIsUnchanged() {
        var text = RandomText(seed: 33)
        for round in 0..<1000 {
            let bytes = round % 4 == 0 ? text.nextASCII(atMost: 100) : text.next(atMost: 60)
            let found = repaired(bytes)
            #expect(found.bytes == bytes)
            #expect(found.repairs == 0)
            #expect(bytes.withUnsafeBufferPointer { validUTF8Prefix($0) } == bytes.count)
        }
    }

    /// ASCII is scanned eight bytes at a time: an invalid byte is found at every offset.
    @Test func anInvalidByteInASCIIIsFound() {
        for length in 1...40 {
            for offset in 0..<length {
                var bytes = [UInt8](repeating: 0x61, count: length)
                bytes[offset] = 0xFF
                let guarded = GuardedBytes(bytes)
                let buffer = UnsafeBufferPointer(start: guarded.pointer, count: length)
                #expect(validUTF8Prefix(buffer) == offset)
                #expect(repaired(bytes).bytes == bytes[..<offset] + Self.replacement + bytes[(offset + 1)...])
            }
        }
    }

    @Test func nothingAfterATruncatedEndIsRead() {
        for tail in [[0xC3], [0xE4], [0xE4, 0xB8], [0xF0], [0xF0, 0x9F], [0xF0, 0x9F, 0x91]] as [[UInt8]] {
            let guarded = GuardedBytes([0x61] + tail)
            let buffer = UnsafeBufferPointer(start: guarded.pointer, count: guarded.count)
            #expect(validUTF8Prefix(buffer) == 1)
            var out = GrowableBuffer<UInt8>(capacity: 1)
            #expect(repairUTF8(buffer, into: &out) == 1)
            let found = Array(out.elements)
            #expect(found == [0x61] + Self.replacement)
        }
    }

    @Test func repairAppends() {
        var out = GrowableBuffer<UInt8>(capacity: 1)
        let pieces: [[UInt8]] = [[0x61], [0xFF], [], [0x62, 0xFE, 0xFD]]
        let repairs = pieces.map { $0.withUnsafeBufferPointer { repairUTF8($0, into: &out) } }
        #expect(repairs == [0, 1, 0, 2])
        let found = Array(out.elements)
        #expect(found == [0x61] + Self.replacement + [0x62] + Self.replacement + Self.replacement)
        #expect(validUTF8Prefix(UnsafeBufferPointer(start: nil, count: 0)) == 0)
    }
}
