import Kernels
import Testing

@testable import SearchServer

/// Round trips of metrics through `MetricsText` and `MetricsScrape`.
@Suite struct MetricsScrapeTests {
    @Test func valuesAndLabelsComeBack() {
        var text = MetricsText()
        let names = ["books", "a \"b\"", "back\\slash", "two\nlines", "a=b,c", "书"]
        text.add(.catalogDocuments, names.enumerated().map { ([("catalog", $1)], $0 + 1) })
        text.add(.connections, 7)
        let scrape = MetricsScrape(text.text)
        for (number, name) in names.enumerated() {
            #expect(scrape.sum("quire_catalog_documents", ["catalog": name]) == Double(number + 1))
        }
        #expect(scrape.sum("quire_catalog_documents") == 21)
        #expect(scrape.sum("quire_connections") == 7)
        #expect(scrape.all("quire_threads").isEmpty)
    }

    @Test(arguments: [(0.5, 0.001), (0.9, 0.05), (0.99, 10), (1, .infinity)] as [(Double, Double)])
    func quantilesAreTheBoundsOfTheirBuckets(_ share: Double, _ bound: Double) {
        var (fast, slow) = (LatencyBuckets(), LatencyBuckets())
        for _ in 1...600 { fast.record(.microseconds(700)) }
        for _ in 1...380 { slow.record(.milliseconds(30)) }
        for _ in 1...15 { slow.record(.seconds(7)) }
        for _ in 1...5 { slow.record(.seconds(70)) }
        var text = MetricsText()
        text.add(
            .requests, [([("route", "a"), ("status", "200")], fast), ([("route", "a"), ("status", "503")], slow)])
        let scrape = MetricsScrape(text.text)
        #expect(scrape.quantile(share, of: "quire_request_seconds", ["route": "a"]) == bound)
        #expect(scrape.quantile(share, of: "quire_request_seconds", ["route": "b"]) == nil)
    }
}
