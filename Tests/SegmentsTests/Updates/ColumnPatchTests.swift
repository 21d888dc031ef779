import TestSupport
import Testing

@testable import Segments

@Suite struct ColumnPatchTests {
    /// Returns the patched values of a patch by document, and checks their order.
    private func values(_ patch: ColumnPatch) -> [Int: UInt64?] {
        var values: [Int: UInt64?] = [:]
        var last = -1
        patch.forEach { document, key in
            #expect(document > last)
            last = document
            values.updateValue(key, forKey: document)
        }
        return values
    }

    /// Random values compared with a dictionary; copies keep theirs.
    @Test func patchesAgreeWithADictionary() {
        var random = SplitMix64(seed: SplitMix64.varied(80))
        for documents in [1, 64, 1023, 1024, 1025, 5000] {
            var patch = ColumnPatch()
            var expected: [Int: UInt64?] = [:]
            var copies: [(ColumnPatch, [Int: UInt64?])] = []
            for _ in 0..<600 {
                let document = random.below(documents)
                let key = random.chance(70) ? random.next() : nil
                patch.set(document, to: key)
                expected.updateValue(key, forKey: document)
                if random.chance(2) { copies.append((patch, expected)) }
            }
            for (patch, expected) in copies + [(patch, expected)] {
                #expect(patch.count == expected.count)
                #expect(values(patch) == expected)
                for document in 0..<documents + 2000 {
                    #expect(patch.value(document) == (expected[document].map { .some($0) } ?? nil))
                }
            }
        }
    }

    /// Bits of matches are those of the patched documents where there are any, and unchanged elsewhere.
    @Test func matchesAreCorrected() {
        var random = SplitMix64(seed: SplitMix64.varied(81))
        var patch = ColumnPatch()
        for _ in 0..<900 {
            patch.set(random.below(3000), to: random.chance(80) ? UInt64(random.below(100)) : nil)
        }
        for start in stride(from: 0, to: 5120, by: 64) {
            let matches = random.next()
            let corrected = patch.corrected(matches, from: start, 20...60)
            for bit in 0..<64 {
                let isMatch = matches >> UInt64(bit) & 1 == 1
                let expected = patch.value(start + bit).map { key in key.map { (20...60).contains($0) } ?? false }
                #expect((corrected >> UInt64(bit) & 1 == 1) == (expected ?? isMatch), "document \(start + bit)")
            }
            if !patch.mayContain(start..<start + 64) { #expect(corrected == matches) }
            let patched = patch.bits(from: start)
            let bounds = patch.keys(of: start..<start + 64)
            for bit in 0..<64 {
                let value = patch.value(start + bit)
                #expect((patched >> UInt64(bit) & 1 == 1) == (value != nil))
                if let key = value ?? nil { #expect(bounds?.contains(key) == true) }
            }
        }
        #expect(patch.mayContain(0..<1))
        #expect(!patch.mayContain(3072..<9000))
        #expect(!ColumnPatch().mayContain(0..<9000))
    }

    /// A view of the updates costs the chunks that changed since the last one, whatever was patched before.
    @Test func viewsShareTheChunksThatDidNotChange() throws {
        let pending = PendingUpdates()
        let documents = 100 * ColumnPatch.chunkSize
        for document in stride(from: 0, to: documents, by: 7) { pending.set(1, document, to: UInt64(document)) }
        pending.delete(3)
        let before = pending.snapshot(documents: documents)
        pending.set(1, 5 * ColumnPatch.chunkSize + 9, to: 1)
        pending.set(1, 70 * ColumnPatch.chunkSize, to: nil)
        let after = pending.snapshot(documents: documents)
        let old = try #require(before.columns[1])
        let new = try #require(after.columns[1])
        #expect(new.unsharedChunks(with: old) == [5, 70])
        #expect(old.value(70 * ColumnPatch.chunkSize) == .some(.some(UInt64(70 * ColumnPatch.chunkSize))))
        #expect(after.live === before.live)
        pending.delete(4)
        #expect(pending.snapshot(documents: documents).live !== before.live)
    }

    /// The values that differ from an earlier state, removed ones included.
    @Test func changesSinceAnEarlierStateAreFound() {
        var random = SplitMix64(seed: SplitMix64.varied(82))
        var patch = ColumnPatch()
        for _ in 0..<500 { patch.set(random.below(4000), to: random.chance(80) ? UInt64(random.below(3)) : nil) }
        let before = patch
        for _ in 0..<50 { patch.set(random.below(6000), to: random.chance(80) ? UInt64(random.below(3)) : nil) }
        var changes: [Int: UInt64?] = [:]
        patch.forEachChange(since: before) { changes.updateValue($1, forKey: $0) }
        let expected = values(patch).filter { before.value($0.key) != .some($0.value) }
        #expect(changes == expected)
        #expect(!changes.isEmpty)
    }
}
