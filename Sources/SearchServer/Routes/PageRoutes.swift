import Hummingbird

/// `GET /` and what the page loads; the files are part of the program.
func addPageRoutes(to router: Router<BasicRequestContext>) {
    let files: [(path: RouterPath, type: String, bytes: [UInt8])] = [
        ("/", "text/html; charset=utf-8", PackageResources.index_html),
        ("assets/app.css", "text/css; charset=utf-8", PackageResources.app_css),
        ("assets/app.js", "text/javascript; charset=utf-8", PackageResources.app_js),
        ("assets/filters.js", "text/javascript; charset=utf-8", PackageResources.filters_js),
    ]
    for file in files {
        let body = ByteBuffer(bytes: file.bytes)
        router.get(file.path) { _, _ in
            Response(
                status: .ok, headers: [.contentType: file.type, .cacheControl: "no-cache"],
                body: .init(byteBuffer: body))
        }
    }
    router.get("favicon.ico") { _, _ in Response(status: .noContent) }
}
