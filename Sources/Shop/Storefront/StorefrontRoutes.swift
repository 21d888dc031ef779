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
    /// The paths of the pages; `storefront.js` knows what each shows.
    private static let pages: [RouterPath] = [
        "/", "search", "flash", "cart", "checkout", "orders", "account", "login", "bind", "register", "activate",
        "forgot", "reset", "password",
    ]

    /// The database, in which goods and types are looked up.
    private let store: Store
    private let version: String
    private let document: ByteBuffer

    /// Creates the routes; `offersQQ` is true if people may log in by QQ.
    init(store: Store, offersQQ: Bool) {
        self.store = store
        var hash = SHA256()
        for asset in StorefrontFiles.assets { hash.update(data: asset.bytes) }
        let version = String(base64URL(hash.finalize()).prefix(16))
        self.version = version
        document = ByteBuffer(
            string: String(decoding: StorefrontFiles.document, as: UTF8.self)
                .replacing("\"/assets/", with: "\"/assets/\(version)/")
                .replacing("data-oauth=\"\"", with: "data-oauth=\"\(offersQQ ? "qq" : "")\""))
    }

    func add(to router: Router<ShopContext>) {
        for path in Self.pages { router.get(path) { _, _ in page(.ok) } }
        router.get("goods/:id") { _, context in
            await page(context) { transaction, id in try transaction.goodsOnSale(id) != nil }
        }
        router.get("types/:id") { _, context in
            await page(context) { transaction, id in try transaction.goodsTypes().contains { $0.id == id } }
        }
        router.get("orders/:id") { _, context in
            // Whether there is such an order is its buyer's to know. Its number has more digits than an integer.
            page(context.parameters.get("id")?.allSatisfy(\.isNumber) == true ? .ok : .notFound)
        }
        for asset in StorefrontFiles.assets {
            let body = ByteBuffer(bytes: asset.bytes)
            router.get(RouterPath("assets/\(version)/\(asset.name)")) { _, _ in
                Response(
                    status: .ok,
                    headers: [
                        .contentType: asset.mediaType, .cacheControl: "public, max-age=31536000, immutable",
                    ], body: .init(byteBuffer: body))
            }
        }
        router.get("favicon.ico") { _, _ in Response(status: .noContent) }
    }

    /// The document for something with an id; its status is 404 if that is not there. When the database cannot be
    /// asked, the page says so itself.
    private func page(
        _ context: ShopContext, if isThere: @escaping @Sendable (Transaction, Int) throws -> Bool
    ) async -> Response {
        guard let id = context.parameters.get("id").flatMap({ Int($0) }) else { return page(.notFound) }
        let found = try? await store.read { try isThere($0, id) }
        return page(found == false ? .notFound : .ok)
    }

    /// The document, which shows the page of the address, or says that there is none.
    func page(_ status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-cache"],
            body: .init(byteBuffer: document))
    }
}
