import HTTPTypes
import Hummingbird
import Kernels
import PageResources

/// Adds `GET /`, the search page, and the assets that it loads. The files are embedded in the program, and compressed
/// once.
func addPageRoutes(to router: Router<BasicRequestContext>) {
    addFile("/", "text/html; charset=utf-8", PackageResources.index_html, to: router)
    for asset in PageAsset.shared + [PageAsset("app.js", PackageResources.app_js)] {
        addFile("assets/\(asset.name)", asset.mediaType, asset.bytes, to: router)
    }
    router.get("favicon.ico") { _, _ in Response(status: .noContent) }
}

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
