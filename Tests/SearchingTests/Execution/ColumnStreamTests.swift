import Kernels
import TestSupport
import Testing

@testable import Searching
@testable import Segments

/// Streams over columns and precomputed sets fulfill the contract of `DocumentStream`.
@Suite struct ColumnStreamTests {
    /// An encoded number column, followed by padding as in a section, and the keys of its documents.
    private final class Numbers {
        let keys: [UInt64?]
        private var bytes: GrowableBuffer<UInt8>
        private let count: Int

        init(_ keys: [UInt64?]) {
            self.keys = keys
            var values = GrowableBuffer<UInt64>()
            var isPresent = GrowableBuffer<Bool>()
            for key in keys {
                values.append(key ?? 0)
                isPresent.append(key != nil)
            }
            bytes = NumberColumn.encode(keys: values, isPresent: isPresent)
            count = bytes.count
            bytes.append(repeating: 0xFF, count: 8)
        }

        var column: NumberColumn? {
            NumberColumn(UnsafeRawBufferPointer(start: bytes.base, count: count), documents: keys.count)
        }
    }

    /// Checks a stream, and a constant score over it, in windows of every size.
    private func check(
        _ name: String, documents: Int, _ expected: NaiveMatches, _ make: (SegmentScope) -> any DocumentStream
    ) {
        for size in SegmentScope.windowSizes {
            let scope = SegmentScope.sized(size, documents: documents)
            let stream = make(scope)
            var contract = StreamContract(stream, expected.unscored, seed: SplitMix64.varied(UInt64(size)))
            if let problem = contract.problem() { Issue.record("\(name), \(size): \(problem)") }
            let constant = ConstantStream(make(scope), score: 1.5)
            let scored = NaiveMatches(expected.scores.map { $0.map { _ in 1.5 } })
            contract = StreamContract(constant, scored, seed: SplitMix64.varied(UInt64(size) + 1))
            if let problem = contract.problem() { Issue.record("\(name), \(size), constant: \(problem)") }
        }
    }

    @Test(arguments: [63, 64, 4096, 4097, 70_001], [0, 1, 9, 33, 56, 64])
    func numberRangesMatch(_ documents: Int, _ width: Int) {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(documents + width)))
        let maximum = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        let base = width == 64 ? 0 : UInt64.random(in: 0...(UInt64.max - maximum), using: &random)
        let missing = random.pick([0, 10, 90])
        let numbers = Numbers(
            (0..<documents).map { number in
                if random.chance(missing) { return nil }
                // Half of the documents ascend, so that whole windows lie inside a range or outside.
                let share = number % 2 == 0 ? UInt64(number) &* (maximum / UInt64(documents)) : .max
                return base + min(share, UInt64.random(in: 0...maximum, using: &random))
            })
        var patched: [UInt32: UInt64?] = [:]
        var patch = ColumnPatch()
        for _ in 0..<min(documents, 300) {
            let document = random.below(documents)
            let key = random.chance(30) ? UInt64?.none : base + maximum / 3
            patched.updateValue(key, forKey: UInt32(document))
            patch.set(document, to: key)
        }
        #expect(numbers.column?.present == numbers.keys.count { $0 != nil })
        for isPatched in [false, true] {
            let column = PatchedColumn(column: numbers.column, patch: isPatched ? patch : nil)
            var ends = (0..<2).map { _ in base &+ UInt64.random(in: 0...maximum, using: &random) }.sorted()
            if random.chance(20) { ends = [0, .max] }
            if random.chance(20) { ends = [base, base] }
            for keys in [ends[0]...ends[1], 0...ends[0], ends[1]...UInt64.max] {
                let matches = NaiveMatches(
                    (0..<documents).map { document in
                        let key =
                            isPatched ? patched[UInt32(document)] ?? numbers.keys[document] : numbers.keys[document]
                        return key.map(keys.contains) ?? false ? 0 : nil
                    })
                check("\(keys) of width \(width)", documents: documents, matches) { scope in
                    ColumnStream(NumberTest(column, keys, documents: documents), scope)
                }
            }
        }
    }

    @Test(arguments: [64, 5000, 70_001]) func documentsWithTokensMatch(_ documents: Int) {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(documents)))
        let norms = (0..<documents).map { _ in UInt8(random.chance(70) ? 0 : 1 + random.below(255)) }
        let matches = NaiveMatches(norms.map { $0 > 0 ? 0 : nil })
        norms.withUnsafeBufferPointer { norms in
            check("lengths", documents: documents, matches) { scope in
                ColumnStream(LengthTest(norms: norms.baseAddress!, cost: matches.count), scope)
            }
        }
    }

    @Test(arguments: [63, 4096, 70_001]) func unitedListsMatch(_ documents: Int) throws {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(documents)))
        for share in [0, 1, 30, 100] {
            let lists = (0..<7).map { number in
                let count = number == 0 ? 1 : max(documents * share / 700, 1)
                return PlainList(count, .sparse, .once, from: 0, below: documents, using: &random)
            }
            let written = try WrittenLists(lists, documents: documents, norms: nil)
            var scores = [Float?](repeating: nil, count: documents)
            for list in lists where share > 0 { for document in list.documents { scores[Int(document)] = 0 } }
            check("sets, \(share)", documents: documents, NaiveMatches(scores)) { scope in
                let stream = TermSetStream(scope)
                let memory = BlockMemory()
                if share > 0 {
                    for number in lists.indices {
                        #expect(written.list(number).map { stream.insert($0, memory) } == true)
                    }
                }
                stream.finish()
                #expect(stream.cost == scores.count { $0 != nil })
                return stream
            }
        }
    }
}
