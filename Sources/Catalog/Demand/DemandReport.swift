/// A report on the demand of a catalog. Written as JSON it is the body of `GET /v1/{catalog}/reports/{report}`.
package struct DemandReport: Sendable {
    /// The kinds of reports, by their names in the API.
    package enum ReportKind: String, Sendable, CaseIterable {
        /// The queries that are searched most.
        case top
        /// The queries that find nothing, by the number of their searches.
        case noResults = "no-results"
        /// The queries that find fewer than five documents, but some, by the number of their searches.
        case fewResults = "few-results"
        /// The queries whose searches take longest, by the 99th percentile.
        case slow
        /// The documents that follow from a query, by the number of events.
        case clicks
    }

    /// The kind.
    let kind: ReportKind
    /// The catalog's name.
    let catalog: String
    private let window: DemandWindow
    private let queries: [QueryDemand]
    private let places: [PlaceDemand]

    /// The number of hits from which on results are not few.
    static let fewResults = 5
    /// The valid numbers of rows.
    package static let limits = 1...1000

    /// Makes a report of at most `limit` rows.
    package init(_ kind: ReportKind, _ catalog: String, _ window: DemandWindow, limit: Int) {
        self.kind = kind
        self.catalog = catalog
        self.window = window
        places = kind == .clicks ? window.places(limit) : []
        switch kind {
        case .top: queries = window.queries(limit) { Double($0.searches) }
        case .noResults: queries = window.queries(limit) { $0.found ?? 0 == 0 ? Double($0.empty) : 0 }
        case .fewResults:
            queries = window.queries(limit) { (1..<Self.fewResults).contains($0.found ?? 0) ? Double($0.searches) : 0 }
        case .slow: queries = window.queries(limit) { Double($0.times.percentile(0.99)) }
        case .clicks: queries = []
        }
    }
}

extension DemandReport: JSONWritable {
    /// Writes an object with the period, the sums over all queries, and the rows.
    package func write(to json: inout JSONWriter) {
        let totals = window.totals
        json.object { json in
            json.member("catalog", catalog)
            json.member("days", window.days.upperBound.number - window.days.lowerBound.number + 1)
            json.member("from", window.days.lowerBound.description)
            if kind == .clicks { json.member("places", places) } else { writeQueries(to: &json) }
            json.member("report", kind.rawValue)
            json.member("to", window.days.upperBound.description)
            json.name("totals")
            json.object { json in
                json.member("browsed", totals.browsed)
                json.member("carts", totals.events.carts)
                json.member("clicks", totals.events.clicks)
                json.member("damaged", totals.damaged)
                json.member("dropped", totals.dropped)
                json.member("no_results", totals.empty)
                json.member("orders", totals.events.orders)
                json.member("searches", totals.searches)
                json.member("typed", totals.typed)
                json.member("unlisted", totals.unlisted)
            }
        }
    }

    private func writeQueries(to json: inout JSONWriter) {
        json.name("queries")
        json.array { json in
            for query in queries {
                json.object { json in
                    if kind == .slow { return query.writeTimes(to: &json) }
                    query.writeDemand(to: &json)
                }
            }
        }
    }
}

extension QueryDemand {
    fileprivate func writeTimes(to json: inout JSONWriter) {
        json.member("made", times.all)
        json.member("p50_ms", Double(times.percentile(0.5)) / 1000)
        json.member("p99_ms", Double(times.percentile(0.99)) / 1000)
        json.member("query", text)
        json.member("searches", searches)
    }

    fileprivate func writeDemand(to json: inout JSONWriter) {
        json.member("carts", events.carts)
        json.member("click_through", clickThrough.rounded(toPlaces: 4))
        json.member("clicks", events.clicks)
        json.member("clients", clients)
        json.member("found", ifPresent: found)
        json.member("no_results", empty)
        json.member("orders", events.orders)
        json.member("position", ifPresent: meanPosition?.rounded(toPlaces: 2))
        json.member("query", text)
        json.member("searches", searches)
    }
}

extension PlaceDemand: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("carts", events.carts)
            json.member("clicks", events.clicks)
            json.member("document", place.document)
            if place.position > 0 { json.member("position", place.position) }
            json.member("orders", events.orders)
            json.member("query", query)
        }
    }
}
