import AsyncHTTPClient
import Foundation
import HTTPTypes
import NIOCore

@testable import Shop

/// A stand-in for QQ, which knows codes and tokens by its own means.
struct QQFake {
    var settings: QQSettings
    private var gateway: String { settings.gateway }

    /// Runs a body with it; `--old` makes it reply in the forms of before JSON.
    static func run(_ arguments: [String] = [], _ body: (QQFake) async throws -> Void) async throws {
        let options = ["--client-id", "101000001", "--secret", "s3cret&="]
        try await withPythonServer("Fixtures/providers/qq_fake.py", options + arguments) { port in
            var settings = QQSettings(clientID: "101000001", secret: Secret("s3cret&="))
            settings.gateway = "http://127.0.0.1:\(port)"
            settings.timeLimit = .seconds(60)
            try await body(QQFake(settings: settings))
        }
    }

    /// Runs a body with it and a shop that it knows.
    static func runShop(
        _ change: (inout ShopConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (QQFake, TestShop, Browser) async throws -> Void
    ) async throws {
        try await run { qq in
            try await TestShop.run {
                $0.qq = qq.settings
                change(&$0)
            } _: { shop in
                try await shop.serve { try await body(qq, shop, $0) }
            }
        }
    }

    /// The client of a shop at it.
    var client: QQClient { QQClient(settings: settings, callback: "http://shop.example/callback") }

    /// Confirms a login as a person, from the address of the page, and returns the path and query to which QQ leads.
    func confirm(_ page: String, as name: String = "小明") async throws -> String {
        let query = page.split(separator: "?", maxSplits: 1).last.map(String.init) ?? ""
        var form = formMembers(query) ?? [:]
        form["user"] = name
        let reply = try await post("/oauth2.0/confirm", formEncoded(form))
        let location = reply.headers.first(name: "Location") ?? ""
        // Behind scheme and host.
        return "/" + (location.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).last ?? "")
    }

    /// Returns a code for the shop's client.
    func code(of name: String = "小明") async throws -> String {
        let path = try await confirm(client.pageAddress(state: "s"), as: name)
        return formMembers(path.split(separator: "?").last.map(String.init) ?? "")?["code"] ?? ""
    }

    /// Makes a path reply with a body from now on; `options` are those of the stand-in.
    func fault(_ path: String, _ body: String = "", _ options: String = "") async throws {
        _ = try await post("/test/reply?path=\(path)&\(options)", body)
    }

    private func post(_ path: String, _ body: String) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: gateway + path)
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: body))
        return try await HTTPClient.services.execute(request, timeout: .seconds(60))
    }
}

extension Browser {
    /// Begins a login by QQ, and returns the address of the page there.
    func beginQQ(next: String = "/cart") async throws -> String {
        let reply = try await get("/api/v1/oauth/qq/authorize?next=" + percentEncoded(next))
        reply.expect(302)
        return reply.location
    }

    /// Logs in by QQ, as far as it goes, and returns the reply at the end of it.
    @discardableResult
    func logInByQQ(_ qq: QQFake, as name: String = "小明", next: String = "/cart") async throws -> Reply {
        try await get(qq.confirm(try await beginQQ(next: next), as: name))
    }

    /// Binds the person of a login to an account of `TestShop`.
    func bind(_ account: String, password: String = "password1") async throws -> Reply {
        try await post("/api/v1/oauth/qq/bind", #"{"username": "\#(account)", "password": "\#(password)"}"#)
    }
}

extension Reply {
    /// The address that the reply leads to.
    var location: String { headers[.location] ?? "" }
}
