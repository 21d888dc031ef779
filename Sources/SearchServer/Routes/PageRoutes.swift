import Hummingbird
import PageResources

/// Adds `GET /`, the search page, and the assets that it loads. The files are embedded in the program.
func addPageRoutes(to router: Router<BasicRequestContext>) {
    addFile("/", "text/html; charset=utf-8", PackageResources.index_html, to: router)
    for asset in PageAsset.shared + [PageAsset("app.js", PackageResources.app_js)] {
        addFile("assets/\(asset.name)", asset.mediaType, asset.bytes, to: router)
    }
    router.get("favicon.ico") { _, _ in Response(status: .noContent) }
}

private func addFile(_ path: RouterPath, _ type: String, _ bytes: [UInt8], to router: Router<BasicRequestContext>) {
    let body = ByteBuffer(bytes: bytes)
    router.get(path) { _, _ in
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-cache"], body: .init(byteBuffer: body))
    }
}
