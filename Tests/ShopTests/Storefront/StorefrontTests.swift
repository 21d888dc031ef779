import AsyncHTTPClient
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storefront
import Testing

@testable import Shop

@Suite struct StorefrontTests {
    @Test func everyPageIsTheDocumentWithAStrictPolicy() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a")
            let type = try await shop.type(of: goods)
            try await shop.serve { browser in
                for path in [
                    "/", "/search?q=x", "/types/\(type)", "/goods/\(goods)", "/cart", "/checkout",
                    "/orders/2026113008264606600000001", "/activate", "/password",
                ] {
                    let reply = try await browser.get(path)
                    #expect(reply.status == 200)
                    #expect(reply.headers[.contentType] == "text/html; charset=utf-8")
                    #expect(reply.headers[.contentSecurityPolicy]?.contains("default-src 'self'") == true)
                    #expect(reply.headers[.cacheControl] == "no-cache")
                }
                #expect(try await browser.get("/nowhere").status == 404)
                // What the policy forbids would not work: scripts and styles inside the markup.
                let document = try await browser.get("/").body
                #expect(!document.contains("style="))
                #expect(!document.contains(" on"), "an event handler in the markup")
                #expect(!document.contains("<script>"))
            }
        }
    }

    @Test func aBrowserIsShownAPageAtAPathThatIsNotThere() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                let document = try await browser.get("/").body
                for path in ["/nothing/here", "/goods/abc", "/types/x"] {
                    let page = try await browser.get(path, headers: [.accept: "text/html,*/*;q=0.8"])
                    #expect(page.status == 404)
                    #expect(page.headers[.contentType] == "text/html; charset=utf-8")
                    #expect(page.body == document)
                }
                #expect(try await browser.get("/nothing/here").code == "not_found")
                let posted = try await browser.post("/nothing/here", headers: [.accept: "text/html"])
                #expect(posted.code == "not_found")
            }
            try await shop.serve(.admin) { browser in
                let reply = try await browser.get("/nothing", headers: [.accept: "text/html"])
                #expect(reply.code == "not_found")
            }
        }
    }

    @Test func thePageOfGoodsOrOfATypeThatIsNotThereHasTheStatus404() async throws {
        try await TestShop.run { shop in
            let goods = try await shop.addGoods("a")
            let type = try await shop.type(of: goods)
            try await shop.serve { browser in
                let document = try await browser.get("/").body
                for method in [HTTPRequest.Method.get, .head] {
                    for (path, status) in [
                        ("/goods/\(goods)", 200), ("/goods/99999999", 404), ("/goods/99999999999999999999", 404),
                        ("/types/\(type)", 200), ("/types/99999999", 404),
                    ] {
                        let page = try await browser.send(method, path)
                        #expect(page.status == status, "\(method) \(path)")
                        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
                        #expect(page.body == (method == .get ? document : ""))
                    }
                }
                try await shop.store.write { try $0.setOnShelf(goods, false, now: 0) }
                #expect(try await browser.get("/goods/\(goods)").status == 404)
            }
        }
    }

    @Test func everyAssetThatAPageLoadsIsServedAndKeptForGood() async throws {
        try await TestShop.run { shop in
            try await shop.serve { browser in
                let document = try await browser.get("/").body
                var waiting = document.matches(of: /"(\/assets\/[^"]+)"/).map { String($0.1) }
                let folder = try #require(waiting.first).split(separator: "/").prefix(2).joined(separator: "/")
                var seen = Set<String>()
                while let path = waiting.popLast() {
                    guard seen.insert(path).inserted else { continue }
                    let reply = try await browser.get(path)
                    #expect(reply.status == 200, "\(path)")
                    #expect(reply.headers[.cacheControl]?.contains("immutable") == true)
                    waiting += reply.body.matches(of: /(?:from|import\()\s*'\.\/([\w.]+)'/).map { "/\(folder)/\($0.1)" }
                }
                #expect(seen.count == StorefrontFiles.assets.count)
            }
        }
    }

    @Test func everyCodeOfAProblemHasAMessageInBothLanguages() throws {
        let bytes = try #require(StorefrontFiles.assets.first { $0.name == "messages.js" }).bytes
        let messages = String(decoding: bytes, as: UTF8.self)
            .matches(of: /'problem\.(\w+)': .'.+',\s+'.+'.,/).map { String($0.1) }
        var codes = APIDocument.shared.text.matches(of: /"code": ."enum": \[([^\]]+)\]/)
            .flatMap { $0.1.matches(of: /\w+/).map { String($0.0) } }
        let folder = "Sources/Shop"
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
            codes += text.matches(of: /(?:Problem|init).\s*\.\w+, "(\w+)"/).map { String($0.1) }
        }
        #expect(Set(codes).count > 25)
        #expect(Set(codes).subtracting(messages) == [])
    }

    @Test func searchesPassThroughTheShopAndNothingElseDoes() async throws {
        let router = Router()
        router.get("v1/:catalog/search") { request, _ in
            let isKnown = request.headers[.ifNoneMatch] == "\"1\""
            let headers: HTTPFields = [
                .eTag: "\"1\"", .contentType: "application/json", .setCookie: "a=b", .authorization: "x",
            ]
            let text = "\(request.uri.queryParameters["q"] ?? "") \(request.headers[.authorization] ?? "no key")"
            return Response(
                status: isKnown ? .notModified : .ok, headers: headers,
                body: isKnown ? .init() : .init(byteBuffer: ByteBuffer(string: text)))
        }
        router.get("v1/:catalog/suggest") { _, _ in
            Response(status: .serviceUnavailable, headers: [.retryAfter: "3"])
        }
        router.get("v1/:catalog/facets/:field") { request, context in
            if request.uri.path.hasSuffix("moved") {
                return Response(status: .temporaryRedirect, headers: [.location: "/v1/books/search?q=secret"])
            }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: request.uri.path)))
        }
        router.get("**") { request, _ in "private \(request.uri.path)" }
        let search = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await search.test(.live) { client in
            let port = try #require(client.port)
            try await TestShop.run {
                $0.feedTargets = [
                    .init(
                        name: "local", url: "http://127.0.0.1:\(port)/v1/books", key: Secret("write-key"),
                        searchKey: Secret("search-key"))
                ]
            } _: { shop in
                try await shop.serve { browser in
                    let found = try await browser.get("/v1/books/search?q=%E4%B8%89%E4%BD%93")
                    #expect(found.body == "三体 Bearer search-key")
                    #expect(found.headers[.eTag] == "\"1\"")
                    #expect(found.headers[.setCookie] == nil)
                    let known = try await browser.get("/v1/books/search?q=x", headers: [.ifNoneMatch: "\"1\""])
                    #expect(known.status == 304)
                    let busy = try await browser.get("/v1/books/suggest?q=x")
                    #expect(busy.status == 503)
                    #expect(busy.headers[.retryAfter] == "3")
                    // Other catalogs are not shown, and no path leads out of this one.
                    #expect(try await browser.get("/v1").body == #"{"catalogs":[{"name":"books"}]}"#)
                    for path in [
                        "/v1/staff", "/v1/staff/search?q=x", "/v1/../search", "/v1/books%2F..%2Fstaff/search",
                        "/v1/books%3F/search", "/v1/%62ooks/search",
                    ] { #expect(try await browser.get(path).status == 404, "\(path)") }
                    let facet = try await browser.get("/v1/books/facets/..%2F..")
                    #expect(facet.body == "/v1/books/facets/%2e%2e%2F%2e%2e")
                    let moved = try await browser.get("/v1/books/facets/moved")
                    #expect(moved.status == 307)
                    #expect(moved.headers[.location] == nil)
                    #expect(try await browser.post("/v1/books/documents").status == 404)
                    #expect(try await browser.post("/v1/books/search").status == 405)
                }
            }
        }
    }

    @Test func searchesBeyondALimitAreRefused() async throws {
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let upstream = Router()
        upstream.get("v1/books/search") { _, _ in
            arrival.yield()
            for await _ in releases {}
            return "found"
        }
        let search = Application(router: upstream, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await search.test(.live) { client in
            let url = "http://127.0.0.1:\(try #require(client.port))/v1/books"
            let router = Router(context: ShopContext.self)
            router.addMiddleware { ProblemMiddleware(Router(context: ShopContext.self)) }
            let target = ShopConfiguration.FeedTarget(name: "local", url: url, key: Secret("none"))
            try #require(SearchProxy(target: target, limit: 1, logger: .quiet)).add(to: router)
            let address = ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0))
            try await Application(router: router, configuration: address).test(.live) { client in
                let browser = Browser(client, isDescribed: false)
                // The client of a test has one connection, which the search that waits must not have.
                let path = "http://127.0.0.1:\(try #require(client.port))/v1/books/search?q=x"
                async let first = HTTPClient.shared.execute(HTTPClientRequest(url: path), timeout: .minutes(1))
                for await _ in arrivals { break }
                let refused = try await browser.get("/v1/books/search?q=x")
                #expect(refused.status == 503)
                #expect(refused.code == "busy")
                #expect(refused.headers[.retryAfter] == "1")
                release.finish()
                #expect(try await first.status == .ok)
                #expect(try await browser.get("/v1/books/search?q=x").status == 200)
            }
        }
    }

    @Test func whatAQueryMayNotHaveIsEscaped() {
        let query = SearchProxy.escaped("q=a|b[%zz%E4\"三 #&x=1%", keeping: "-._~!$&'()*+,;=:@/?")
        #expect(query == "q=a%7cb%5b%25zz%E4%22%e4%b8%89%20%23&x=1%25")
        #expect(SearchProxy.escaped("../a%2Fb?", keeping: "-_") == "%2e%2e%2fa%2Fb%3f")
    }

    @Test func aSearchServerThatIsDownIsAProblemDocument() async throws {
        try await TestShop.run {
            $0.feedTargets = [.init(name: "local", url: "http://127.0.0.1:9/v1/books", key: Secret("k"))]
        } _: { shop in
            try await shop.serve { browser in
                let reply = try await browser.get("/v1/books/search?q=x")
                #expect(reply.status == 503)
                #expect(reply.code == "unavailable")
                #expect(reply.headers[.retryAfter] != nil)
            }
        }
    }
}

extension TestShop {
    /// The type of goods.
    fileprivate func type(of goods: Int) async throws -> Int {
        try #require(try await store.read { try $0.goods([goods])[goods]?.draft.typeID })
    }
}
