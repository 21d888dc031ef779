import ArgumentParser
import Catalog
import FoundationEssentials
import SearchServer

/// `quire status`: shows what the server of a data folder does, on one screen. Exit code 66 if none is running.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the running server does: catalogs, requests, queues, memory.",
        discussion: """
            The numbers are those of GET /metrics, since the server began. Times are upper bounds: half and 99 of 100 \
            requests took at most so long.
            """)

    @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
    var data = "quire-data"

    func run() async throws {
        guard let service = await LocalService.running(DataFolder(data)) else {
            Terminal.printStatus("quire: no server is running with --data \(data); start one with `quire serve`")
            throw ExitCode(66)
        }
        let metrics = MetricsScrape(try await service.text("/metrics"))
        print(StatusScreen(metrics, now: Date().timeIntervalSince1970).text)
    }
}

/// The screen of `quire status`.
struct StatusScreen {
    private let metrics: MetricsScrape
    private let now: Double

    /// A screen of metrics that were read at a time, in seconds since 1970.
    init(_ metrics: MetricsScrape, now: Double) {
        self.metrics = metrics
        self.now = now
    }

    /// The lines.
    var text: String {
        [[running], Self.table(catalogs), Self.table(requests), load].map { $0.joined(separator: "\n") }
            .joined(separator: "\n\n")
    }

    private var running: String {
        let seconds = Int(max(now - metrics.sum("quire_start_time_seconds"), 0))
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
        let time = days > 0 ? "\(days) d \(hours) h" : hours > 0 ? "\(hours) h \(minutes) min" : "\(minutes) min"
        return "running for \(time), with \(count("quire_threads")) threads, \(count("quire_descriptors")) of "
            + "\(count("quire_descriptors_max")) files, \(Terminal.megabytes(Int(metrics.sum("quire_memory_bytes"))))"
    }

    private var catalogs: [[String]] {
        let header = ["catalog", "state", "documents", "segments", "size", "changes", "visible after"]
        return [header]
            + metrics.all("quire_catalog_state").map { sample in
                let labels = sample.labels.filter { $0.key == "catalog" }
                let isStopped = metrics.sum("quire_catalog_writing_stopped", labels) > 0
                return [
                    labels["catalog"] ?? "", isStopped ? "writing stopped" : sample.labels["state"] ?? "",
                    count("quire_catalog_documents", labels), count("quire_catalog_segments", labels),
                    Terminal.megabytes(Int(metrics.sum("quire_catalog_bytes", labels))),
                    count("quire_catalog_changes_total", labels), times("quire_catalog_freshness_seconds", labels),
                ]
            }
    }

    private var requests: [[String]] {
        let header = ["requests", "number", "4xx", "5xx", "time"]
        var routes: [String] = []
        for sample in metrics.all("quire_request_seconds_count") {
            if let route = sample.labels["route"], routes.last != route { routes.append(route) }
        }
        return [header]
            + routes.map { route in
                let name = "quire_request_seconds"
                let statuses = metrics.all(name + "_count", ["route": route])
                func number(_ statuses: [MetricsScrape.Sample]) -> String {
                    Terminal.grouped(Int(statuses.reduce(0) { $0 + $1.value }))
                }
                let faults = statuses.filter { $0.labels["status"]?.hasPrefix("5") ?? false }
                return [
                    route == "none" ? "no route" : route, number(statuses),
                    number(statuses.filter { $0.labels["status"]?.hasPrefix("4") ?? false }), number(faults),
                    times(name, ["route": route]),
                ]
            }
    }

    private var load: [String] {
        let (hits, misses) = (["outcome": "hit"], ["outcome": "miss"])
        let replies = (
            hit: metrics.sum("quire_reply_cache_requests_total", hits),
            miss: metrics.sum("quire_reply_cache_requests_total", misses)
        )
        let all = replies.hit + replies.miss
        return ["searches", "look-ups"].map { pool in
            "\(pool): \(count("quire_jobs_waiting", ["pool": pool])) wait; "
                + ["run", "refused", "dropped"].map { outcome in
                    "\(count("quire_jobs_total", ["pool": pool, "outcome": outcome])) \(outcome)"
                }.joined(separator: ", ")
        } + [
            "replies from memory: \(Terminal.percent(all > 0 ? replies.hit / all : 0)), "
                + Terminal.megabytes(Int(metrics.sum("quire_reply_cache_bytes"))),
            "connections: \(count("quire_connections")) of \(count("quire_connections_max")); "
                + "\(count("quire_connections_refused_total")) refused",
        ]
    }

    private func count(_ name: String, _ labels: [String: String] = [:]) -> String {
        Terminal.grouped(Int(metrics.sum(name, labels)))
    }

    /// The median and the 99 % quantile of a histogram.
    private func times(_ name: String, _ labels: [String: String]) -> String {
        let bounds = [0.5, 0.99].map { metrics.quantile($0, of: name, labels) }
        guard let median = bounds[0], let most = bounds[1] else { return "" }
        return "≤ \(Self.milliseconds(median)), \(Self.milliseconds(most)) ms"
    }

    private static func milliseconds(_ seconds: Double) -> String {
        if seconds == .infinity { return "∞" }
        let text = "\((seconds * 1_000_000).rounded() / 1000)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Lines of cells in columns; all but the first cells of a line stand to the right.
    private static func table(_ rows: [[String]]) -> [String] {
        guard let header = rows.first else { return [] }
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }
    }
}
