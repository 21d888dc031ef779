import Hummingbird

/// Adds `GET /healthz`, which responds as long as the process runs. It does not open catalogs, and needs none
/// of the threads for searches: it responds at once however much is searched.
func addHealthRoutes(to router: Router<BasicRequestContext>) {
    router.get("healthz") { _, _ in try jsonResponse(["status": "ok"]) }
}
