import ArgumentParser
import Catalog
import FoundationEssentials
import Glibc

/// `quire measure`: the processor time of requests to a catalog, without HTTP and without encoding the replies.
///
/// The rest of what a server needs is the cost of serving. The file has a target on each line, as it would be sent to
/// the server, after the name of its class and a tab if it has one:
///
/// ```sh
/// printf 'search\t/v1/books/search?q=三体&facets=author\n' > requests
/// quire measure requests --catalog books
/// ```
struct MeasureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measure the processor time of requests, without a server.",
        discussion: """
            Prints the microseconds of a request as JSON, for each class the median of the rounds; for searches also \
            those of understanding the query, as percentiles over the requests.
            """)

    @Argument(help: "The file of requests, [CLASS<TAB>]/v1/CATALOG/search?… or …/suggest?… on each line.")
    var file: String

    @OptionGroup var options: CatalogOptions

    @Option(help: "Times that all requests are run, after one that is not measured.")
    var rounds = 5

    func validate() throws {
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 1000.") }
    }

    func run() throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            Terminal.printStatus("quire: \(file) cannot be read")
            throw ExitCode(66)
        }
        let searcher = try options.folder.open(options.catalog)
        var classes: [String: [MeasuredRequest]] = [:]
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let cells = line.split(separator: "\t", maxSplits: 1)
            classes[cells.count > 1 ? String(cells[0]) : "all", default: []].append(
                try MeasuredRequest(String(cells[cells.count - 1])))
        }
        var result: [String: MeasuredClass] = [:]
        for (name, requests) in classes {
            for request in requests { try request.run(in: searcher) }
            var times: [Double] = []
            for _ in 0..<rounds {
                let begin = Self.processorNanoseconds()
                for request in requests { try request.run(in: searcher) }
                times.append((Self.processorNanoseconds() - begin) / 1000 / Double(requests.count))
            }
            times.sort()
            result[name] = MeasuredClass(
                requests: requests.count, rounds: rounds, microseconds: times[rounds / 2],
                understanding: try understanding(requests, in: searcher))
        }
        try Terminal.printJSON(result)
    }

    /// The processor microseconds of understanding the queries of searches, each the best of the rounds; nil for other
    /// requests.
    private func understanding(
        _ requests: [MeasuredRequest], in searcher: CatalogSearcher
    ) throws -> [String: Double]? {
        var times: [Double] = []
        for case .search(let request) in requests {
            var best = Double.infinity
            for _ in 0..<rounds {
                let begin = Self.processorNanoseconds()
                try searcher.understand(request)
                best = min(best, (Self.processorNanoseconds() - begin) / 1000)
            }
            times.append(best)
        }
        if times.isEmpty { return nil }
        times.sort()
        return ["p50": times[(times.count - 1) / 2], "p99": times[(times.count * 99 + 99) / 100 - 1]]
    }

    /// The processor time that this process has used, on all its threads.
    private static func processorNanoseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

/// The requests of a class, the processor microseconds of one of them, and of understanding its query.
private struct MeasuredClass: Encodable {
    var requests: Int
    var rounds: Int
    var microseconds: Double
    var understanding: [String: Double]?
}

/// A request that can be run again and again.
private enum MeasuredRequest {
    case search(SearchRequest)
    case suggest(SuggestRequest)

    /// Parses a target of the HTTP API.
    ///
    /// Errors: 64 for a target that is neither a search nor suggestions, or whose parameters are not valid.
    init(_ target: String) throws {
        guard let parts = URLComponents(string: target.replacing("+", with: "%20")) else {
            throw ValidationError("\(target.prefix(200)) is no target")
        }
        let parameters = (parts.queryItems ?? []).map { (name: $0.name, value: $0.value ?? "") }
        do throws(RequestProblem) {
            if parts.path.hasSuffix("/search") {
                self = .search(try SearchRequest(parameters: parameters))
                return
            }
            if parts.path.hasSuffix("/suggest") {
                self = .suggest(try SuggestRequest(parameters: parameters))
                return
            }
        } catch {
            throw CatalogError.request(error)
        }
        throw ValidationError("\(target.prefix(200)) is neither a search nor a request for suggestions")
    }

    /// Makes the reply, and drops it.
    func run(in searcher: CatalogSearcher) throws {
        switch self {
        case .search(let request): _ = try searcher.search(request)
        case .suggest(let request): _ = try searcher.suggest(request)
        }
    }
}
