import Kernels
import OracleSupport
import Testing

@testable import Indexer

@Suite struct ChangesTests {
    private func randomChanges(_ documents: Int, _ random: inout SplitMix64) -> PendingChanges {
        let pending = PendingChanges()
        guard documents > 0 else { return pending }
        for _ in 0..<random.below(documents + 1) { pending.delete(random.below(documents)) }
        for _ in 0..<random.below(3 * documents) {
            pending.set(random.below(3), random.below(documents), to: random.chance(80) ? random.next() : nil)
        }
        return pending
    }

    /// What a log could not bring back is refused before it is in one.
    @Test func whatCannotBeReadAgainIsNotLogged() throws {
        let files = FaultyFileSystem()
        let folder = IndexFolder("/shop", files: files)
        try IndexWriter(folder, .empty(try ShopModel.schema())).commit()
        func prices(_ count: Int, _ members: Members) throws -> WriteBatch {
            var document = DocumentBuffer()
            document.append(0, text: "long")
            for _ in 0..<count { document.append(3, integer: 1) }
            var batch = WriteBatch()
            try batch.put(document, members)
            return batch
        }
        let most = DocumentBuffer.mostValues - 1
        do {
            let live = try LiveIndex(folder)
            let tooLong = try prices(most + 1, live.members)
            #expect {
                try live.write(tooLong)
            } throws: { "\($0)".contains("65536 values") }
            #expect(throws: IndexError.self) { try live.submit(tooLong) { _ in } }
            #expect(try live.write(try prices(most, live.members)) == [.created])
            try live.close()
        }
        let writer = try IndexWriter(folder, .current)
        #expect(throws: IndexError.self) { try writer.write(try prices(most + 1, writer.members)) }
        var batch = WriteBatch()
        let values = (0..<100).map { (member: "price", value: StoredValue?.some(.integer($0))) }
        try batch.patch(key: "long", values, writer.members)
        #expect(throws: IndexError.self) { try writer.write(batch) }
        batch = WriteBatch()
        try batch.delete(key: "long")
        #expect(try writer.write(batch) == [.deleted])
    }

    @Test func filesHoldWhatWasChanged() throws {
        var random = SplitMix64(seed: 60)
        for documents in [0, 1, 63, 64, 65, 200, 1000] {
            let changes = randomChanges(documents, &random).snapshot(documents: documents)
            let bytes = ChangesFile.encode(changes, name: "12", documents: documents)
            let read = bytes.withUnsafeBytes {
                ChangesFile.decode($0, name: "12", documents: documents, columns: 3)
            }
            let found = try #require(read)
            #expect(found.columns == changes.columns)
            for document in 0..<documents {
                #expect(found.deleted.contains(document) == changes.deleted.contains(document))
                #expect(found.live?.contains(document) != found.deleted.contains(document) || found.live == nil)
            }
            bytes.withUnsafeBytes {
                #expect(ChangesFile.decode($0, name: "13", documents: documents, columns: 3) == nil)
                #expect(ChangesFile.decode($0, name: "12", documents: documents + 1, columns: 3) == nil)
            }
        }
    }

    /// Every flipped bit is noticed by the checksum; with a right checksum wild bytes still decode to nothing, or to
    /// what fits the segment.
    @Test func wildBytesAreSafe() {
        var random = SplitMix64(seed: 61)
        let changes = randomChanges(100, &random).snapshot(documents: 100)
        let bytes = ChangesFile.encode(changes, name: "1", documents: 100)
        for at in bytes.indices {
            var spoilt = bytes
            spoilt[at] ^= 1 << UInt8(random.below(8))
            #expect(spoilt.withUnsafeBytes { ChangesFile.decode($0, name: "1", documents: 100, columns: 3) } == nil)
        }
        for _ in 0..<5000 {
            var spoilt = bytes
            for _ in 0..<(1 + random.below(4)) {
                spoilt[28 + random.below(bytes.count - 32)] = UInt8(random.below(256))
            }
            if random.chance(20) { spoilt.removeSubrange((28 + random.below(bytes.count - 32))..<(bytes.count - 4)) }
            let sum = spoilt.dropLast(4).withUnsafeBytes { CRC32C.checksum($0) }
            withUnsafeBytes(of: sum.littleEndian) { spoilt.replaceSubrange((spoilt.count - 4)..., with: $0) }
            let read = spoilt.withUnsafeBytes { ChangesFile.decode($0, name: "1", documents: 100, columns: 3) }
            guard let read else { continue }
            #expect(read.deleted.count <= 100 && (read.live?.count ?? 100) == 100 - read.deleted.count)
            for patch in read.columns.values { #expect(patch.documents.allSatisfy { $0 < 100 }) }
        }
    }

    /// Changes against a dictionary, with snapshots taken in between, and repeated on a merged segment.
    @Test func changesAgainstADictionary() {
        var random = SplitMix64(seed: 62)
        for _ in 0..<60 {
            let documents = 1 + random.below(150)
            let pending = randomChanges(documents, &random)
            let begin = pending.snapshot(documents: documents)
            let map = DocumentMap(documents: documents, deleted: begin.deleted, base: 10)
            var expected: [Int: [Int: UInt64?]] = [:]
            var gone = Set((0..<documents).filter { begin.deleted.contains($0) })
            for _ in 0..<random.below(100) {
                let document = random.below(documents)
                if random.chance(30) {
                    pending.delete(document)
                    gone.insert(document)
                } else {
                    let key = random.chance(80) ? random.next() : nil
                    pending.set(1, document, to: key)
                    expected[document, default: [:]].updateValue(key, forKey: 1)
                }
                if random.chance(10) { _ = pending.snapshot(documents: documents) }
            }
            let merged = PendingChanges()
            merged.replay(pending, since: begin) { map.place(UInt32($0)).map { Int($0) } }
            for document in 0..<documents {
                #expect(pending.isDeleted(document) == gone.contains(document))
                guard let place = map.place(UInt32(document)) else { continue }
                #expect(merged.isDeleted(Int(place)) == gone.contains(document))
                if let own = expected[document]?[1] {
                    #expect(pending.value(1, document) == .some(own))
                    let before = begin.columns[1]?.value(document)
                    let isSame = before.map { $0 == own } ?? false
                    #expect(isSame || merged.value(1, Int(place)) == .some(own))
                }
            }
        }
    }

    @Test func tombstonesSurviveTheirFile() throws {
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
        for at in bytes.indices {
            var spoilt = bytes
            spoilt[at] ^= 4
            #expect(spoilt.withUnsafeBytes { Tombstones($0) } == nil)
        }
    }

    @Test func onlyTheNewestTombstonesAreKept() {
        var tombstones = Tombstones()
        func version(_ i: Int) -> Int? { Array("k\(i)".utf8).withUnsafeBufferPointer { tombstones.version($0) } }
        for i in 0..<(5 * Tombstones.most) {
            Array("k\(i)".utf8).withUnsafeBufferPointer { tombstones.remember($0, i) }
        }
        #expect(tombstones.count == Tombstones.most)
        #expect(version(4 * Tombstones.most - 1) == nil && version(4 * Tombstones.most) == 4 * Tombstones.most)
    }
}
