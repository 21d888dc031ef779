import Hummingbird

/// `GET /healthz`: whether the process answers.
func addHealthRoutes(to router: Router<BasicRequestContext>) {
    router.get("healthz") { _, _ in
        jsonResponse(["status": "ok"])
    }
}
