import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import PageResources
import Storefront

/// The pages of the storefront: one document for all of them, and its assets.
///
/// The assets are in a folder named after the digest of all of them, so that browsers keep them for good, and load new
/// ones with the document of a new version.
struct StorefrontRoutes: Sendable {
    /// True if people may log in by QQ.
    var offersQQ = false

    /// The paths of the pages; `storefront.js` knows what each shows.
    private static let pages: [RouterPath] = [
        "/", "search", "flash", "types/:id", "goods/:id", "cart", "checkout", "orders", "orders/:id", "account",
        "login", "bind", "register", "activate", "forgot", "reset", "password",
    ]

    func add(to router: Router<ShopContext>) {
        var hash = SHA256()
        for asset in StorefrontFiles.assets { hash.update(data: asset.bytes) }
        let version = String(base64URL(hash.finalize()).prefix(16))
        let text = String(decoding: StorefrontFiles.document, as: UTF8.self)
            .replacing("\"/assets/", with: "\"/assets/\(version)/")
            .replacing("data-oauth=\"\"", with: "data-oauth=\"\(offersQQ ? "qq" : "")\"")
        for path in Self.pages {
            addFile(path, "text/html; charset=utf-8", Array(text.utf8), caching: "no-cache", to: router)
        }
        for asset in StorefrontFiles.assets {
            addFile(
                "assets/\(version)/\(asset.name)", asset.mediaType, asset.bytes,
                caching: "public, max-age=31536000, immutable", to: router)
        }
        router.get("favicon.ico") { _, _ in Response(status: .noContent) }
    }

    private func addFile(
        _ path: RouterPath, _ type: String, _ bytes: [UInt8], caching: String, to router: Router<ShopContext>
    ) {
        let body = ByteBuffer(bytes: bytes)
        router.get(path) { _, _ in
            Response(
                status: .ok, headers: [.contentType: type, .cacheControl: caching], body: .init(byteBuffer: body))
        }
    }
}
