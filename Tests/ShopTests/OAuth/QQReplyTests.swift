import Testing

@testable import Shop

@Suite struct QQReplyTests {
    private func members(_ text: String) -> [String: String]? { QQReply.members(of: Array(text.utf8)) }

    @Test(arguments: [
        (
            "access_token=FE04CCE2&expires_in=7776000&refresh_token=88E4",
            ["access_token": "FE04CCE2", "expires_in": "7776000", "refresh_token": "88E4"]
        ),
        (#"{"access_token":"FE04","expires_in":7776000}"#, ["access_token": "FE04", "expires_in": "7776000"]),
        (
            "callback( {\"client_id\":\"YOUR_APPID\",\"openid\":\"YOUR_OPENID\"} ); \n",
            ["client_id": "YOUR_APPID", "openid": "YOUR_OPENID"]
        ),
        ("callback({\"openid\":\"A\"})", ["openid": "A"]),
        (
            "callback( {\"error\":100019,\"error_description\":\"code to access token error )\"} );",
            ["error": "100019", "error_description": "code to access token error )"]
        ),
        ("callback( {\"error\":100020,\"error_description\":\"\"} );", ["error": "100020", "error_description": ""]),
        (
            "{\n\"error\":100016,\"error_description\":\"access token check failed\"}\n",
            ["error": "100016", "error_description": "access token check failed"]
        ),
        (
            #"{"ret":0,"is_lost":0,"nickname":"小明","vip":null,"tags":[1]}"#,
            ["ret": "0", "is_lost": "0", "nickname": "小明"]
        ),
        ("{}", [:]),
    ])
    func readsTheFormsThatQQDocuments(text: String, expected: [String: String]) {
        #expect(members(text) == expected)
    }

    @Test(arguments: [
        "", " ", "callback", "callback()", "callback( {\"a\":1} ); alert(1)", "a b;c( {\"a\":\"1\"} );", "[1]", "{",
        "({)}",
        "<html>(1)</html>", ")(", "a=1&a=2", "a=%zz", "{\"a\":\"1\"} {\"b\":\"2\"}",
    ])
    func whatHasNoneOfTheFormsIsRefused(text: String) { #expect(members(text) == nil) }

    @Test func anyBytesAreReadOrRefused() {
        var generator = SeededGenerator(seed: 10)
        let parts = [
            "callback", "(", ")", ";", "{", "}", "\"openid\"", ":", ",", "\"", "=", "&", "%", "[", "]", "\u{0}", "é",
            " ", "1e999",
        ]
        var read = 0
        for round in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &generator)
            let bytes: [UInt8] =
                round % 2 == 0
                ? (0..<count).map { _ in .random(in: .min ... .max, using: &generator) }
                : (0..<count).flatMap { _ in Array((parts.randomElement(using: &generator) ?? "").utf8) }
            read += QQReply.members(of: bytes) == nil ? 0 : 1
        }
        #expect(read > 0)
        #expect(read < 20_000)
    }

    @Test func deepNestingIsRefused() {
        #expect(members(String(repeating: "{\"a\":", count: 10_000) + "1") == nil)
        #expect(members("{\"a\":" + String(repeating: "[", count: 30_000)) == nil)
    }
}
