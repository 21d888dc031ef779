import Catalog
import Hummingbird

/// Adds `GET /v1/{catalog}/export`, which responds with all documents of a catalog as lines of JSON, as they are at the
/// time of the request, in the form that `POST /v1/{catalog}/documents` accepts, and `POST /v1/{catalog}/verify`, which
/// compares the documents of an export with those of the catalog. They require a key with the role admin.
func addExportRoutes(
    to router: Router<BasicRequestContext>, _ replies: CatalogReplies, _ authorization: Authorization
) {
    let (store, threads) = (replies.store, replies.threads)
    router.get("v1/:catalog/export") { request, context in
        try authorization.check(request, .admin)
        if let (name, _) = try queryParameters(request.uri.query ?? "").first {
            throw Problem(.unknownParameter(name, known: []))
        }
        let name = try context.parameters.require("catalog")
        let export = try await threads.lookUp(store.requestLimits()) { CatalogExport(try store.searcher(name)) }
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: ResponseBody { out in
                var export = export
                while true {
                    let rest = export
                    // A slow client has its thread only while lines are read.
                    let (lines, next) = try await threads.lookUp(store.requestLimits()) {
                        var export = rest
                        return (try export.next(), export)
                    }
                    guard let lines else { break }
                    export = next
                    try await out.write(ByteBuffer(bytes: lines))
                }
                try await out.finish(nil)
            })
    }
    router.group().add(middleware: OffEventLoop()).post("v1/:catalog/verify") { request, context in
        try authorization.check(request, .admin)
        let name = try context.parameters.require("catalog")
        var body = try BodyReader(request)
        let searcher = try await changing { try store.searcher(name) }
        nonisolated(unsafe) let verification = try CatalogVerification(searcher)
        var lines = LineSplitter()
        while let piece = try await body.next() {
            try lines.append(piece) { verification.collector.add(line: $0) }
            let collected = (verification.collector.byteCount, verification.collector.count)
            if collected.0 > 1 << 20 || collected.1 >= 1_000 { try await changing { try verification.compare() } }
        }
        lines.finish { verification.collector.add(line: $0) }
        return try jsonResponse(try await changing { try verification.finish() })
    }
}
