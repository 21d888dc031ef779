import Kernels
import TestSupport
import Testing

@testable import Segments

@Suite struct KeyFilterTests {
    @Test(arguments: [0, 1, 42, 43, 1000, 30_000])
    func containsAllKeysAndFewOthers(_ count: Int) throws {
        func hash(_ key: String) -> UInt64 {
            Array(key.utf8).withUnsafeBufferPointer { hash64($0.baseAddress!, $0.count) }
        }
        var writer = KeyFilterWriter(keys: count)
        for key in 0..<count { writer.insert(hash("key-\(key)")) }
        let bytes = writer.finish()
        let filter = try #require(KeyFilter(UnsafeRawBufferPointer(bytes.elements)))
        #expect((0..<count).allSatisfy { filter.mayContain(hash("key-\($0)")) == true })
        let falsePositives = (0..<20_000).count { filter.mayContain(hash("other-\($0)")) == true }
        #expect(falsePositives < 20_000 / 50, "\(falsePositives) of 20000")
    }

    @Test func invalidSizesAreRefused() {
        let bytes = [UInt8](repeating: 0, count: 256)
        bytes.withUnsafeBytes { bytes in
            for count in [0, 1, 63, 65, 127, 192] {
                #expect(KeyFilter(UnsafeRawBufferPointer(rebasing: bytes[..<count])) == nil, "\(count)")
            }
            for count in [64, 128, 256] {
                #expect(KeyFilter(UnsafeRawBufferPointer(rebasing: bytes[..<count])) != nil, "\(count)")
            }
        }
    }
}
