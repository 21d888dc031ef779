import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// Facets of fields with many values over several segments: the lists are exact although few values are examined.
@Suite struct ManyValuesTests {
    /// Many rare and some frequent values, shared by segments or not.
    @Test(arguments: [1, 2, 6], [3, 400, 100_000])
    func listsAreExact(_ segments: Int, _ vocabulary: Int) throws {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(vocabulary + segments)))
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("v", .keyword, multiple: true), Field("odd", .keyword)])
        var documents: [(values: Set<String>, isOdd: Bool)] = []
        for segmentIndex in 0..<segments {
            let writer = try IndexWriter(folder, segmentIndex == 0 ? .empty(schema) : .current)
            for _ in 0..<1200 {
                let values = Set(
                    (0..<random.below(4)).map { _ in
                        "v\(random.chance(50) ? random.skewed(below: vocabulary) : random.below(vocabulary))"
                    })
                let isOdd = random.chance(70)
                var document = DocumentBuffer()
                document.append(0, text: "\(documents.count)")
                for value in values { document.append(1, text: value) }
                document.append(2, text: isOdd ? "yes" : "no")
                try writer.add(document)
                documents.append((values, isOdd))
            }
            try writer.commit()
        }
        let reader = try IndexReader(folder)
        for filter in ["yes", "no"] {
            var counts: [String: Int] = [:]
            for document in documents where document.isOdd == (filter == "yes") {
                for value in document.values { counts[value, default: 0] += 1 }
            }
            let byCount = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
            for size in [0, 1, 5, 50, 1000] {
                for order in [FacetRequest.ValueFacet.Order.count, .value] {
                    for prefix in ["", "v1", "v99", "w"] {
                        let expected = (order == .count ? byCount : byCount.sorted { $0.key < $1.key }).filter {
                            $0.key.hasPrefix(prefix)
                        }
                        let request = FacetRequest("v", .values(.init(size: size, order: order, prefix: prefix)))
                        let facets = try reader.search(
                            Search(
                                .term(field: "odd", filter), limit: 0, facets: [request, FacetRequest("v", .distinct)])
                        ).facets
                        #expect(
                            facets[0].values.map { "\($0.value) \($0.count)" }
                                == expected.prefix(size).map { "\($0.key) \($0.value)" })
                        #expect(facets[0].other == expected.dropFirst(size).reduce(0) { $0 + $1.value })
                        #expect(facets[1].distinct == counts.count)
                    }
                }
            }
        }
    }
}
