import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Shop

@Suite struct AllowedHostsTests {
    @Test(arguments: [
        "shop.example", "SHOP.example:8090", "shop.example.", "localhost", "127.0.0.1:1", "192.168.1.9", "[::1]:8090",
        "[2001:db8::1]",
    ])
    func aKnownHostIsAllowed(authority: String) {
        #expect(AllowedHosts(["shop.example"]).allows(authority))
    }

    @Test(arguments: [
        "evil.example", "shop.example.evil.example", "evil.example:80", "", ":80", "[::1", "shop.example:80x",
        "127.0.0.1.evil.example", "x@shop.example", "shop.example/", "[evil.example]x",
    ])
    func anotherHostIsNot(authority: String) {
        #expect(!AllowedHosts(["shop.example"]).allows(authority))
    }

    @Test func theOriginAndTheSettingNameTheHosts() async throws {
        var configuration = ShopConfiguration()
        configuration.publicOrigin = "https://Shop.example:8443"
        configuration.allowedHosts = ["books.example"]
        for host in ["shop.example", "books.example", "127.0.0.1"] { #expect(configuration.knownHosts.allows(host)) }
        #expect(!configuration.knownHosts.allows("other.example"))
        let loaded = try await ShopConfiguration.load(file: nil, environment: ["SHOP_HTTP_ALLOWED_HOSTS": "a.cn,*"])
        #expect(loaded.knownHosts.allows("any.example"))
    }

    @Test(
        arguments: [
            ("localhost", "/", nil, nil), ("localhost", "http://localhost/", nil, nil), (nil, "/", nil, "bad_host"),
            ("localhost", "/", "evil.example", "bad_host"), ("localhost", "http://evil.example/", nil, "unknown_host"),
            ("evil.example", "http://localhost/", nil, "unknown_host"),
        ] as [(String?, String, String?, String?)])
    func noPartOfAHeadNamesAnotherHost(authority: String?, target: String, second: String?, code: String?) throws {
        var head = HTTPRequest(method: .get, scheme: "http", authority: authority, path: target)
        if let second { head.headerFields[try #require(HTTPField.Name("Host"))] = second }
        let request = Request(head: head, body: .init(buffer: ByteBuffer()))
        do {
            try HostMiddleware(hosts: AllowedHosts([])).check(request)
            #expect(code == nil)
        } catch {
            #expect((error as? Problem)?.code == code)
        }
    }

    @Test func aRequestForAnotherHostIsRefusedBeforeAnythingElse() async throws {
        try await TestShop.run { shop in
            try await makeServer(.app, shop.services).test(.live) { client in
                let port = try #require(client.port)
                for (host, status) in [("evil.example", 421), ("localhost", 200)] {
                    var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/healthz")
                    request.headers.add(name: "Host", value: host)
                    let reply = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
                    #expect(reply.status.code == status)
                }
            }
        }
    }
}
