import Kernels
import OracleSupport
import Testing

@testable import Indexer

/// A posting list as plain values.
private struct PlainList {
    var documents: [UInt32]
    var positions: [[UInt32]]
}

@Suite struct PostingsTests {
    /// How far apart documents are.
    enum Spread: CaseIterable, Sendable {
        case dense, sparse, ragged, atTheEnd
    }

    private static let sizes = [1, 2, 3, 255, 256, 257, 511, 512, 513, 768, 769, 2000]

    private static func list(_ size: Int, _ spread: Spread, _ random: inout SplitMix64) -> PlainList {
        var next: UInt32 = random.chance(50) ? 0 : UInt32(random.below(1000))
        if spread == .atTheEnd { next = UInt32.max - 1 - UInt32(size) }
        var documents: [UInt32] = []
        for _ in 0..<size {
            documents.append(next)
            switch spread {
            case .dense, .atTheEnd: next += 1
            case .sparse: next += 1 + UInt32(random.skewed(below: 200_000))
            case .ragged: next += random.chance(98) ? 1 : 5000
            }
        }
        let positions = documents.map { _ in
            var place = UInt32(random.skewed(below: 50))
            return (0..<(random.chance(70) ? 1 : 1 + random.skewed(below: 60))).map { _ in
                defer { place += 1 + UInt32(random.chance(2) ? random.below(1 << 20) : random.below(4)) }
                return place
            }
        }
        return PlainList(documents: documents, positions: positions)
    }

    private static func written(
        _ lists: [PlainList], hasPositions: Bool
    ) throws -> (image: SegmentImage, infos: [TermInfo]) {
        let folder = try TemporaryFolder()
        let segment = try SegmentWriter(folder: folder.path, name: "1", documents: 1)
        let stream = try segment.stream(.postings)
        var writer = PostingsWriter(stream, hasPositions: hasPositions)
        var infos: [TermInfo] = []
        for list in lists {
            writer.begin()
            for (document, places) in zip(list.documents, list.positions) {
                writer.append(document: document, frequency: hasPositions ? UInt32(places.count) : 1)
                var last: UInt32 = 0
                for place in hasPositions ? places : [] {
                    writer.append(positionGap: place - last)
                    last = place
                }
            }
            infos.append(try writer.end())
        }
        segment.end(stream)
        try writer.finish(segment, field: 0)
        _ = try segment.finish()
        return (try SegmentImage(folder.path + "/1.seg"), infos)
    }

    @Test(arguments: Spread.allCases, [false, true])
    func roundTrip(_ spread: Spread, _ hasPositions: Bool) throws {
        var random = SplitMix64(seed: 11)
        let lists = Self.sizes.map { Self.list($0, spread, &random) }
        let (image, infos) = try Self.written(lists, hasPositions: hasPositions)
        try image.with(.postings, .positions) { postings, positions in
            for (list, info) in zip(lists, infos) {
                #expect(info.documentFrequency == list.documents.count)
                let read = try #require(
                    PostingsList(
                        info, hasPositions: hasPositions, documents: Int(UInt32.max), postings: postings,
                        positions: positions))
                Self.readInBlocks(read, list, hasPositions)
                for _ in 0..<4 { Self.jump(read, list, hasPositions, &random) }
            }
        }
    }

    private static func readInBlocks(_ read: PostingsList, _ list: PlainList, _ hasPositions: Bool) {
        var cursor = PostingsCursor(read, frequencies: hasPositions)
        var documents: [UInt32] = []
        var places: [[UInt32]] = []
        var buffer = GrowableBuffer<UInt32>(capacity: 4)
        while cursor.nextBlock() {
            while cursor.index < cursor.count {
                documents.append(cursor.document)
                if hasPositions {
                    cursor.readPositions(into: &buffer)
                    places.append(Array(buffer.elements))
                }
                cursor.index += 1
            }
        }
        let failed = cursor.failed
        #expect(documents == list.documents && !failed)
        #expect(!hasPositions || places == list.positions)
    }

    /// Targets on, before and behind documents, in ascending order, with some of them asked twice.
    private static func jump(
        _ read: PostingsList, _ list: PlainList, _ hasPositions: Bool, _ random: inout SplitMix64
    ) {
        var cursor = PostingsCursor(read, frequencies: hasPositions)
        var buffer = GrowableBuffer<UInt32>(capacity: 4)
        var at = 0
        let stride = 1 + random.skewed(below: 400)
        while at < list.documents.count {
            let document = list.documents[at]
            let target = random.chance(50) ? document : document &- UInt32(min(Int(document), random.below(3)))
            let expected = list.documents.firstIndex { $0 >= target } ?? at
            // Never backwards: a target before the current document stays.
            let wanted = max(expected, cursor.block < 0 ? 0 : list.documents.firstIndex { $0 == cursor.document } ?? 0)
            let reached = cursor.advance(to: target)
            #expect(reached == list.documents[wanted])
            if hasPositions, random.chance(50) {
                cursor.readPositions(into: &buffer)
                #expect(Array(buffer.elements) == list.positions[wanted])
            }
            at += 1 + random.below(stride)
        }
        let behind = (list.documents.last ?? 0) + 1
        let ends = [cursor.advance(to: behind), cursor.advance(to: behind)]
        let failed = cursor.failed
        #expect(ends == [.max, .max] && !failed)
    }

    /// Lists that the section does not hold are refused, not read.
    @Test func listsOutsideTheirSectionAreRefused() throws {
        let (image, infos) = try Self.written(
            [PlainList(documents: [1, 5], positions: [[0], [0]])], hasPositions: true)
        image.with(.postings, .positions) { postings, positions in
            func list(_ change: (inout TermInfo) -> Void, documents: Int = 6) -> PostingsList? {
                var info = infos[0]
                change(&info)
                return PostingsList(
                    info, hasPositions: true, documents: documents, postings: postings, positions: positions)
            }
            #expect(list { _ in } != nil)
            #expect(list { $0.documentFrequency = 0 } == nil)
            #expect(list { $0.documentFrequency = 7 } == nil)
            #expect(list { $0.postingsOffset = postings.count + 1 } == nil)
            var tooFar = PostingsCursor(list({ _ in }, documents: 5)!, frequencies: true)
            let (hasBlock, failed) = (tooFar.nextBlock(), tooFar.failed)
            #expect(!hasBlock && failed)
        }
    }
}
