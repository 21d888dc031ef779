import Hummingbird

/// Adds `GET /healthz`, which responds as long as the process runs, and `GET /readyz`, which responds with 503 from the
/// time on at which the server was told to stop. A server accepts requests when its catalogs are open and acknowledged
/// changes are recovered, as far as that is possible: until then neither responds.
///
/// They do not open catalogs, and need none of the threads for searches: they respond at once however much is searched.
func addHealthRoutes(to router: Router<BasicRequestContext>, _ connections: ConnectionRegistry) {
    router.get("healthz") { _, _ in try jsonResponse(["status": "ok"]) }
    router.get("readyz") { _, _ in
        if connections.isDraining { throw Problem(RequestBodyError.shuttingDown) }
        return try jsonResponse(["status": "ready"])
    }
}
