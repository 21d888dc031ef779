import ArgumentParser
import Catalog
import Segments

/// `quire search`: runs one search as the HTTP API does, and shows a page of hits.
///
/// ```sh
/// quire search python --filter 'language:=zh' --facets category --sort year:desc
/// ```
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search a catalog as its page does.")

    @Argument(help: "The words; none to browse everything.")
    var words: [String] = []

    @OptionGroup var options: CatalogOptions

    @Option(name: .shortAndLong, help: "Page to show.")
    var page = 1

    @Option(name: [.customShort("n"), .long], help: "Hits on a page (1 to 100).")
    var perPage = 10

    @Option(help: "Filter, such as 'language:=en && category:=[文学, 小说]'.")
    var filter: String?

    @Option(help: "Order, such as year:desc.")
    var sort: String?

    @Option(help: "Facets to count, separated by commas.")
    var facets: String?

    @Flag(help: "Print the reply as JSON.")
    var json = false

    func run() throws {
        var parameters: [(name: String, value: String)] = [
            ("q", words.joined(separator: " ")), ("page", "\(page)"), ("per_page", "\(perPage)"),
        ]
        parameters.append(("facets", facets ?? ""))
        if let filter { parameters.append(("filter", filter)) }
        if let sort { parameters.append(("sort", sort)) }
        let request: SearchRequest
        do throws(RequestProblem) { request = try SearchRequest(parameters: parameters) } catch {
            throw CatalogError.request(error)
        }
        let searcher = try options.folder.open(options.catalog)
        let reply = try searcher.search(request)
        if json { return printJSON(reply) }
        show(reply, searcher.profile)
    }

    /// Writes the body of the HTTP reply, indented, and the time of the search.
    private func printJSON(_ reply: SearchReply) {
        var json = JSONWriter(isIndented: true)
        json.object { json in
            reply.writeMembers(to: &json)
            json.member("took_ms", reply.tookMilliseconds)
        }
        print(json.withBytes { String(decoding: $0, as: UTF8.self) })
    }

    /// Writes the number of hits, one line for each hit (key, score, title, author) and one for each facet.
    private func show(_ reply: SearchReply, _ profile: SearchProfile) {
        let relaxed = reply.applied.relaxed ? ", not all with all the words" : ""
        let rest = reply.tiers.dropFirst().reduce(0) { $0 + $1.found }
        let more = rest > 0 && reply.found != rest ? ", \(Terminal.grouped(rest)) more with some of the words" : ""
        print(
            "\(Terminal.grouped(reply.found)) found\(relaxed)\(more), page \(reply.page) of \(reply.pages), "
                + "\(reply.tookMilliseconds) ms")
        if let corrected = reply.correctedQuery { print("searched instead: \(printable(corrected))") }
        if let meant = reply.didYouMean { print("did you mean: \(printable(meant))") }
        var tier: String?
        for hit in reply.hits {
            if let other = hit.tier, other != tier { print("with some of the words:") }
            tier = hit.tier
            let title = text(hit.document, profile.display.title) ?? hit.id
            let by = text(hit.document, profile.display.by).map { " — \($0)" } ?? ""
            print("\(printable(hit.id))\t\(hit.score)\t\(Terminal.bold(printable(title)))\(printable(by))")
        }
        for facet in reply.facets {
            print("\(facet.field): \(summary(facet))")
        }
    }

    /// The counts of a facet on one line, at most ten values.
    private func summary(_ facet: SearchReply.Facet) -> String {
        var parts = facet.values?.prefix(10).map { "\(printable($0.value)) \($0.count)" } ?? []
        parts += facet.ranges?.map { "\($0.from ?? "")..\($0.to ?? "") \($0.count)" } ?? []
        parts += facet.histogram?.map { "\($0.from)..<\($0.to) \($0.count)" } ?? []
        if let stats = facet.stats, let min = stats.min, let max = stats.max {
            parts.append("\(stats.count) from \(min) to \(max)")
        }
        if let distinct = facet.distinct { parts.append("\(distinct) values") }
        return parts.joined(separator: ", ")
    }

    /// The value of a member as text; nil if the document does not have it.
    private func text(_ document: StoredDocument, _ member: String?) -> String? {
        guard let member, let value = document[member] else { return nil }
        switch value {
        case .text(let text): return text
        case .integer(let number): return "\(number)"
        case .float(let number): return "\(number)"
        case .boolean(let isTrue): return "\(isTrue)"
        case .list(let values):
            return values.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: ", ")
        }
    }
}
