import Kernels
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

@Suite struct ChangesTests {
    private func randomUpdates(_ documents: Int, _ random: inout SplitMix64) -> PendingUpdates {
        let pending = PendingUpdates()
        guard documents > 0 else { return pending }
        for _ in 0..<random.below(documents + 1) { pending.delete(random.below(documents)) }
        for _ in 0..<random.below(3 * documents) {
            pending.set(random.below(3), random.below(documents), to: random.chance(80) ? random.next() : nil)
        }
        return pending
    }

    /// Changes that could not be recovered from a log are refused before they are logged.
    @Test func unrecoverableChangesAreNotLogged() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/index", files: files)
        try IndexWriter(folder, .empty(try DurabilityModel.schema())).commit()
        func prices(_ count: Int, _ members: Members) throws -> WriteBatch {
            var document = DocumentBuffer()
            document.append(0, text: "long")
            for _ in 0..<count { document.append(3, integer: 1) }
            var batch = WriteBatch()
            try batch.put(document, members)
            return batch
        }
        let maxCount = DocumentBuffer.maxValues - 1
        let foreignSchema = try Schema(key: "id", fields: [Field("id", .keyword), Field("text", .text)])
        var foreign = WriteBatch()
        var document = DocumentBuffer()
        document.append(0, text: "a")
        try foreign.put(document, Members(foreignSchema))
        do {
            let live = try LiveIndex(folder)
            #expect {
                try prices(maxCount + 1, live.members)
            } throws: { "\($0)".contains("65536") }
            #expect(throws: IndexError.self) { try live.write(foreign) }
            #expect(throws: IndexError.self) { try live.submit(foreign) { _ in } }
            #expect(try live.write(try prices(maxCount, live.members)) == [.created])
            try live.close()
        }
        let writer = try IndexWriter(folder, .current)
        #expect(throws: IndexError.self) { try writer.write(foreign) }
        var batch = WriteBatch()
        let values = (0..<100).map { (member: "price", value: StoredValue?.some(.integer($0))) }
        #expect(throws: IndexError.self) { try batch.patch(key: "long", values, writer.members) }
        #expect(throws: IndexError.self) { try foreign.patch(key: "a", [("price", nil)], writer.members) }
        try batch.delete(key: "long")
        #expect(try writer.write(batch) == [.deleted])
    }

    @Test func updatesRoundTripThroughTheirFile() throws {
        var random = SplitMix64(seed: 60)
        for documents in [0, 1, 63, 64, 65, 200, 1000] {
            let updates = randomUpdates(documents, &random).snapshot(documents: documents)
            let bytes = UpdatesFile.encode(updates, name: "12", documents: documents)
            let read = bytes.withUnsafeBytes {
                UpdatesFile.decode($0, name: "12", documents: documents, columns: 3)
            }
            let decoded = try #require(read)
            #expect(decoded.columns == updates.columns)
            for document in 0..<documents {
                #expect(decoded.deleted.contains(document) == updates.deleted.contains(document))
                #expect(decoded.live?.contains(document) != decoded.deleted.contains(document) || decoded.live == nil)
            }
            bytes.withUnsafeBytes {
                #expect(UpdatesFile.decode($0, name: "13", documents: documents, columns: 3) == nil)
                #expect(UpdatesFile.decode($0, name: "12", documents: documents + 1, columns: 3) == nil)
            }
        }
    }

    /// The checksum detects every flipped bit; with a valid checksum arbitrary bytes still decode to nil, or to updates
    /// that fit the segment.
    @Test func arbitraryBytesDecodeSafely() {
        var random = SplitMix64(seed: 61)
        let updates = randomUpdates(100, &random).snapshot(documents: 100)
        let bytes = UpdatesFile.encode(updates, name: "1", documents: 100)
        for offset in bytes.indices {
            var corrupted = bytes
            corrupted[offset] ^= 1 << UInt8(random.below(8))
            #expect(corrupted.withUnsafeBytes { UpdatesFile.decode($0, name: "1", documents: 100, columns: 3) } == nil)
        }
        for _ in 0..<5000 {
            var corrupted = bytes
            for _ in 0..<(1 + random.below(4)) {
                corrupted[28 + random.below(bytes.count - 32)] = UInt8(random.below(256))
            }
            if random.chance(20) { corrupted.removeSubrange((28 + random.below(bytes.count - 32))..<(bytes.count - 4)) }
            let sum = corrupted.dropLast(4).withUnsafeBytes { CRC32C.checksum($0) }
            withUnsafeBytes(of: sum.littleEndian) { corrupted.replaceSubrange((corrupted.count - 4)..., with: $0) }
            let read = corrupted.withUnsafeBytes { UpdatesFile.decode($0, name: "1", documents: 100, columns: 3) }
            guard let read else { continue }
            #expect(read.deleted.count <= 100)
            #expect((read.live?.count ?? 100) == 100 - read.deleted.count)
            for patch in read.columns.values { patch.forEach { document, _ in #expect(document < 100) } }
        }
    }

    /// Updates compared with a dictionary, with snapshots taken in between, and repeated on a merged segment.
    @Test func updatesAgreeWithADictionary() {
        var random = SplitMix64(seed: 62)
        for _ in 0..<60 {
            let documents = 1 + random.below(150)
            let pending = randomUpdates(documents, &random)
            let begin = pending.snapshot(documents: documents)
            let map = DocumentMap(documents: documents, deleted: begin.deleted, base: 10)
            var expected: [Int: [Int: UInt64?]] = [:]
            var deleted = Set((0..<documents).filter { begin.deleted.contains($0) })
            for _ in 0..<random.below(100) {
                let document = random.below(documents)
                if random.chance(30) {
                    pending.delete(document)
                    deleted.insert(document)
                } else {
                    let key = random.chance(80) ? random.next() : nil
                    pending.set(1, document, to: key)
                    expected[document, default: [:]].updateValue(key, forKey: 1)
                }
                if random.chance(10) { _ = pending.snapshot(documents: documents) }
            }
            let merged = PendingUpdates()
            merged.replay(pending, since: begin) { map.target(UInt32($0)).map { Int($0) } }
            for document in 0..<documents {
                #expect(pending.isDeleted(document) == deleted.contains(document))
                guard let target = map.target(UInt32(document)) else { continue }
                #expect(merged.isDeleted(Int(target)) == deleted.contains(document))
                if let expectedKey = expected[document]?[1] {
                    #expect(pending.value(1, document) == .some(expectedKey))
                    let before = begin.columns[1]?.value(document)
                    let isSame = before.map { $0 == expectedKey } ?? false
                    #expect(isSame || merged.value(1, Int(target)) == .some(expectedKey))
                }
            }
        }
    }

    @Test func tombstonesRoundTripThroughTheirFile() throws {
        var tombstones = Tombstones()
        for i in 0..<1000 { Array("k\(i % 300)".utf8).withUnsafeBufferPointer { tombstones.remember($0, i) } }
        for i in 0..<50 { Array("k\(i)".utf8).withUnsafeBufferPointer { tombstones.forget($0) } }
        let bytes = tombstones.bytes
        let read = try #require(bytes.withUnsafeBytes { Tombstones($0) })
        #expect(read.count == 250)
        for i in 0..<300 {
            let version = Array("k\(i)".utf8).withUnsafeBufferPointer { read.version($0) }
            #expect(version == (i < 50 ? nil : i < 100 ? 900 + i : 600 + i))
        }
        for offset in bytes.indices {
            var corrupted = bytes
            corrupted[offset] ^= 4
            #expect(corrupted.withUnsafeBytes { Tombstones($0) } == nil)
        }
    }

    @Test func onlyTheNewestTombstonesAreKept() {
        var tombstones = Tombstones()
        func version(_ i: Int) -> Int? { Array("k\(i)".utf8).withUnsafeBufferPointer { tombstones.version($0) } }
        for i in 0..<(5 * Tombstones.maxCount) {
            Array("k\(i)".utf8).withUnsafeBufferPointer { tombstones.remember($0, i) }
        }
        #expect(tombstones.count == Tombstones.maxCount)
        #expect(version(4 * Tombstones.maxCount - 1) == nil)
        #expect(version(4 * Tombstones.maxCount) == 4 * Tombstones.maxCount)
    }
}
