import Kernels
import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// Postings lists round-trip: documents, frequencies and positions, block by block.
@Suite struct PostingsTests {
    private static let documents = 1 << 18

    @Test(arguments: PlainList.Spread.allCases, PlainList.Occurrences.allCases)
    func listsWithPositionsRoundTrip(_ spread: PlainList.Spread, _ occurrences: PlainList.Occurrences) throws {
        var random = SplitMix64(seed: 11)
        let lists = PlainList.samples(spread, occurrences, below: Self.documents, &random)
        let written = try WrittenLists(lists, documents: Self.documents, norms: someNorms(Self.documents, &random))
        try check(written)
    }

    /// Documents up to the last one that a segment can have.
    @Test(arguments: PlainList.Spread.allCases)
    func listsWithoutPositionsRoundTrip(_ spread: PlainList.Spread) throws {
        var random = SplitMix64(seed: 12)
        let limit = Int(UInt32.max)
        let lists =
            PlainList.samples(spread, .once, below: limit, &random)
            + PlainList.samples(spread, .once, below: 20_000, &random)
        try check(WrittenLists(lists, documents: limit, norms: nil))
    }

    private func check(_ written: WrittenLists) throws {
        for (listIndex, list) in written.lists.enumerated() {
            let info = written.infos[listIndex]
            #expect(info.documentFrequency == list.documents.count)
            if written.hasPositions { #expect(info.totalFrequency == list.positions.reduce(0) { $0 + $1.count }) }
            let read = try #require(written.list(listIndex))
            #expect(read.blockCount == (list.documents.count + 255) / 256)
            readInOrder(read, list)
            readFromTheEnd(read, list)
        }
    }

    /// Decodes each block as a whole before its values are compared.
    private func readInOrder(_ read: PostingsList, _ list: PlainList) {
        var cursor = PostingsCursor(read, positions: read.hasPositions)
        var documents: [UInt32] = []
        var frequencies: [Int] = []
        var positions: [[UInt32]] = []
        var buffer = GrowableBuffer<UInt32>(capacity: 4)
        for block in 0..<read.blockCount {
            cursor.open(block)
            cursor.decode()
            cursor.decodeFrequencies()
            for index in 0..<cursor.count {
                let slot = cursor.slot(index)
                documents.append(cursor.documents[slot])
                frequencies.append(Int(cursor.frequencies[slot]))
                guard read.hasPositions else { continue }
                cursor.readPositions(slot, into: &buffer)
                positions.append(Array(buffer.elements))
            }
            let (first, last, count) = (cursor.first, cursor.last, cursor.count)
            #expect(first <= documents[documents.count - count])
            #expect(last == documents.last)
        }
        let failed = cursor.failed
        #expect(documents == list.documents)
        #expect(!failed)
        #expect(frequencies == list.documents.indices.map { read.hasPositions ? list.frequency($0) : 1 })
        if read.hasPositions { #expect(positions == list.positions) }
    }

    /// Looks up frequencies and positions one by one, the last block first and its documents not decoded.
    private func readFromTheEnd(_ read: PostingsList, _ list: PlainList) {
        var cursor = PostingsCursor(read, positions: read.hasPositions)
        var buffer = GrowableBuffer<UInt32>(capacity: 4)
        var mismatches = 0
        for block in (0..<read.blockCount).reversed() {
            cursor.open(block)
            // A few values of a block are looked up, many are decoded together.
            let stride = block % 2 == 0 ? 100 : 1
            for index in Swift.stride(from: cursor.count - 1, through: 0, by: -stride) {
                let slot = cursor.slot(index)
                let expected = list.positions[block * 256 + index]
                if cursor.frequency(slot) != (read.hasPositions ? UInt32(expected.count) : 1) { mismatches += 1 }
                guard read.hasPositions else { continue }
                if cursor.firstPosition(slot) != expected[0] { mismatches += 1 }
                cursor.readPositions(slot, into: &buffer)
                if !buffer.elements.elementsEqual(expected) { mismatches += 1 }
            }
        }
        let failed = cursor.failed
        #expect(mismatches == 0)
        #expect(!failed)
    }

    /// The samples cover all forms that a block can have; otherwise the other tests would prove little.
    @Test func samplesHaveBlocksOfEveryForm() throws {
        var random = SplitMix64(seed: 13)
        var forms: Set<String> = []
        for spread in PlainList.Spread.allCases {
            for occurrences in PlainList.Occurrences.allCases {
                let lists = PlainList.samples(spread, occurrences, below: Self.documents, &random)
                let written = try WrittenLists(
                    lists, documents: Self.documents, norms: someNorms(Self.documents, &random))
                for listIndex in lists.indices where lists[listIndex].documents.count > 1 {
                    let read = try #require(written.list(listIndex))
                    for block in 0..<read.blockCount {
                        let head = try #require(read.bytes(block)).start.load(as: UInt8.self)
                        let width = head & PackedRun.widthMask
                        let isFull = read.count(block) == 256
                        forms.insert(width == PostingsFormat.bitSet ? "bits" : isFull ? "lanes" : "short")
                        if width == 0 { forms.insert("consecutive") }
                        if head & PackedRun.exceptionFlag != 0 {
                            forms.insert(isFull ? "lanes, exceptions" : "short, exceptions")
                        }
                        forms.insert(head & PostingsFormat.frequencyFlag != 0 ? "frequencies" : "once each")
                    }
                }
            }
        }
        #expect(
            forms == [
                "bits", "lanes", "short", "consecutive", "lanes, exceptions", "short, exceptions", "frequencies",
                "once each",
            ])
    }

    @Test func listsOutsideTheirSectionAreRefused() throws {
        let written = try WrittenLists([PlainList([1, 5]), PlainList(Array(0..<600))], documents: 600, norms: nil)
        #expect(written.list(0) != nil)
        #expect(written.list(1) != nil)
        #expect(written.list(0) { $0.documentFrequency = 0 } == nil)
        #expect(written.list(0) { $0.documentFrequency = 601 } == nil)
        #expect(written.list(0) { $0.postingsOffset = written.postingsBytes.count + 1 } == nil)
        #expect(written.list(0) { $0.postingsOffset = -1 } == nil)
        #expect(written.list(1) { $0.postingsOffset = written.postingsBytes.count - 23 } == nil)
    }

    /// Documents after the segment's last one are never returned.
    @Test func documentsAfterTheLastOfTheSegmentFail() throws {
        for numbers in [[5], [1, 5], Array(0..<256), (0..<256).map { $0 * 3 }, (0..<600).map { $0 * 2 }] as [[UInt32]] {
            let last = Int(numbers.last!)
            let written = try WrittenLists([PlainList(numbers)], documents: last + 1, norms: nil)
            let shortened = WrittenLists(written, documents: last)
            guard let read = shortened.list(0) else { continue }
            var cursor = PostingsCursor(read)
            for block in 0..<read.blockCount {
                cursor.open(block)
                cursor.decode()
                for slot in 0..<cursor.count where Int(cursor.documents[slot]) >= last {
                    Issue.record("document \(last) was returned")
                }
            }
            let (failed, isAtEnd) = (cursor.failed, cursor.isAtEnd)
            #expect(failed)
            #expect(isAtEnd)
        }
    }
}
