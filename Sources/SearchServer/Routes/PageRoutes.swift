import HTTPTypes
import Hummingbird
import Kernels
import PageResources

/// Adds `GET /`, the search page, `GET /reference`, a page of the API, the assets that they load, and
/// `GET /openapi.json`, the description of the API; `withTuning` also `GET /tune`, the page of tuning. The files are
/// embedded in the program, and compressed once.
func addPageRoutes(to router: Router<BasicRequestContext>, withTuning: Bool) {
    addFile("/", "text/html; charset=utf-8", PackageResources.index_html, to: router)
    if withTuning { addFile("tune", "text/html; charset=utf-8", PackageResources.tune_html, to: router) }
    addFile("reference", "text/html; charset=utf-8", PackageResources.reference_html, to: router)
    addFile("openapi.json", "application/json", PackageResources.openapi_json, to: router)
    for asset in PageAsset.shared + ownAssets {
        addFile("assets/\(asset.name)", asset.mediaType, asset.bytes, to: router)
    }
    router.get("favicon.ico") { _, _ in Response(status: .noContent) }
}

private let ownAssets = [
    PageAsset("app.js", PackageResources.app_js),
    PageAsset("reference.css", PackageResources.reference_css),
    PageAsset("reference.js", PackageResources.reference_js),
    PageAsset("tune.css", PackageResources.tune_css),
    PageAsset("tune.js", PackageResources.tune_js),
    PageAsset("tune-compare.js", PackageResources.tune_compare_js),
    PageAsset("tune-editor.js", PackageResources.tune_editor_js),
    PageAsset("tune-history.js", PackageResources.tune_history_js),
    PageAsset("tune-judged.js", PackageResources.tune_judged_js),
    PageAsset("tune-messages.js", PackageResources.tune_messages_js),
    PageAsset("tune-places.js", PackageResources.tune_places_js),
    PageAsset("tune-reports.js", PackageResources.tune_reports_js),
    PageAsset("tune-session.js", PackageResources.tune_session_js),
]

private func addFile(_ path: RouterPath, _ type: String, _ bytes: [UInt8], to router: Router<BasicRequestContext>) {
    let body = ByteBuffer(bytes: bytes)
    let compressed = body.compressed()
    let hash = bytes.withUnsafeBufferPointer { $0.baseAddress.map { hash64($0, bytes.count) } ?? 0 }
    let tag = "W/\"\(String(hash, radix: 36))\""
    let content = HTTPField(name: .contentType, value: type)
    router.get(path) { request, _ -> Response in
        let preferences = ReplyPreferences(request.headers)
        if preferences.has(tag, orAny: true) { return .notModified(tag) }
        if preferences.acceptsGzip, let compressed { return Response(compressed, content, isGzip: true, tag: tag) }
        return Response(body, content, isGzip: false, tag: tag)
    }
}
