import Hummingbird

/// Adds `GET /`, the search page, and the assets that it loads. The files are embedded in the program.
func addPageRoutes(to router: Router<BasicRequestContext>) {
    let files: [(path: RouterPath, type: String, bytes: [UInt8])] = [
        ("/", "text/html; charset=utf-8", PackageResources.index_html),
        ("assets/app.css", "text/css; charset=utf-8", PackageResources.app_css),
        ("assets/suggest.css", "text/css; charset=utf-8", PackageResources.suggest_css),
        ("assets/app.js", "text/javascript; charset=utf-8", PackageResources.app_js),
        ("assets/api.js", "text/javascript; charset=utf-8", PackageResources.api_js),
        ("assets/combobox.js", "text/javascript; charset=utf-8", PackageResources.combobox_js),
        ("assets/dom.js", "text/javascript; charset=utf-8", PackageResources.dom_js),
        ("assets/facets.js", "text/javascript; charset=utf-8", PackageResources.facets_js),
        ("assets/filters.js", "text/javascript; charset=utf-8", PackageResources.filters_js),
        ("assets/i18n.js", "text/javascript; charset=utf-8", PackageResources.i18n_js),
        ("assets/recent.js", "text/javascript; charset=utf-8", PackageResources.recent_js),
        ("assets/results.js", "text/javascript; charset=utf-8", PackageResources.results_js),
        ("assets/suggest.js", "text/javascript; charset=utf-8", PackageResources.suggest_js),
        ("assets/typing.js", "text/javascript; charset=utf-8", PackageResources.typing_js),
        ("assets/url.js", "text/javascript; charset=utf-8", PackageResources.url_js),
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
