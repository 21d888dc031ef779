import OracleSupport
import Testing

@testable import Indexer

/// Facets of fields with many values over several segments: what is listed is exact, though few values are looked at.
@Suite struct ManyValuesTests {
    /// Values of which many are rare and some frequent, shared by segments or not.
    @Test(arguments: [1, 2, 6], [3, 400, 100_000])
    func listsAreExact(_ segments: Int, _ vocabulary: Int) throws {
        var random = SplitMix64(seed: SplitMix64.varied(UInt64(vocabulary + segments)))
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("v", .keyword, multiple: true), Field("odd", .keyword)])
        var documents: [(values: Set<String>, isOdd: Bool)] = []
        for part in 0..<segments {
            let writer = try IndexWriter(folder, part == 0 ? .empty(schema) : .current)
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
        for wanted in ["yes", "no"] {
            var counts: [String: Int] = [:]
            for document in documents where document.isOdd == (wanted == "yes") {
                for value in document.values { counts[value, default: 0] += 1 }
            }
            let byCount = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
            for size in [0, 1, 5, 50, 1000] {
                for order in [FacetRequest.ValueFacet.Order.count, .value] {
                    for prefix in ["", "v1", "v99", "w"] {
                        let all = (order == .count ? byCount : byCount.sorted { $0.key < $1.key }).filter {
                            $0.key.hasPrefix(prefix)
                        }
                        let request = FacetRequest("v", .values(.init(size: size, order: order, prefix: prefix)))
                        let facet = try reader.search(
                            Search(
                                .term(field: "odd", wanted), limit: 0, facets: [request, FacetRequest("v", .distinct)])
                        ).facets
                        #expect(
                            facet[0].values.map { "\($0.value) \($0.count)" }
                                == all.prefix(size).map { "\($0.key) \($0.value)" })
                        #expect(facet[0].other == all.dropFirst(size).reduce(0) { $0 + $1.value })
                        #expect(facet[1].distinct == counts.count)
                    }
                }
            }
        }
    }
}
