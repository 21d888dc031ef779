import Foundation
import Logging
import Synchronization
import Testing

@testable import Shop

@Suite struct QQClientTests {
    /// True if social-core, the reference client, is there.
    private static let hasReference = FileManager.default.fileExists(
        atPath: projectFile(".build/providers/social_core"))

    @Test(arguments: [[], ["--old"]]) func findsThePersonOfACodeInAllFormsOfReplies(arguments: [String]) async throws {
        try await QQFake.run(arguments) { qq in
            let person = try await qq.client.person(of: qq.code(of: "小 红&="))
            #expect(person.nickname == "小 红&=")
            #expect(person.openid.count == 32)
            #expect(person.provider == "qq")
        }
    }

    @Test(.enabled(if: hasReference)) func agreesWithTheReferenceClient() async throws {
        try await QQFake.run { qq in
            let person = try await qq.client.person(of: qq.code(of: "小红"))
            let program = "import sys; sys.path[:0] = [sys.argv.pop(1)]; import runpy; runpy.run_path(sys.argv.pop(1))"
            let found = JSONValue.object(
                try await python(
                    program,
                    [
                        projectFile(".build/providers"), projectFile("Tests/ShopTests/OAuth/qq_reference.py"),
                        qq.settings.gateway, qq.settings.clientID, qq.settings.secret.value, "小红",
                    ]))
            #expect(found == ["openid": .text(person.openid), "nickname": .text("小红")])
        }
    }

    @Test func aCodeServesOnceAndOnlyForItsAddress() async throws {
        try await QQFake.run { qq in
            let code = try await qq.code()
            let other = QQClient(settings: qq.settings, callback: "http://evil.example/callback")
            await #expect(throws: QQError.refused("/oauth2.0/token", 100_010)) { try await other.person(of: code) }
            _ = try await qq.client.person(of: code)
            let again = await #expect(throws: QQError.self) { try await qq.client.person(of: code) }
            #expect(again == .refused("/oauth2.0/token", 100_020))
            #expect(again?.isOldCode == true)
            let unknown = await #expect(throws: QQError.self) { try await qq.client.person(of: "none") }
            #expect(unknown == .refused("/oauth2.0/token", 100_019))
            #expect(unknown?.isOldCode == true)
        }
    }

    @Test func aWrongSecretIsNoOldCode() async throws {
        try await QQFake.run { qq in
            var settings = qq.settings
            settings.secret = Secret("wrong")
            let client = QQClient(settings: settings, callback: qq.client.callback)
            let code = try await qq.code()
            let refused = await #expect(throws: QQError.self) { try await client.person(of: code) }
            #expect(refused == .refused("/oauth2.0/token", 100_009))
            #expect(refused?.isOldCode == false)
        }
    }

    /// Wrong replies of each path, with the errors that the client throws for them.
    private static let faults: [(path: String, reply: String, options: String, error: QQError)] = {
        let (token, me, user) = ("/oauth2.0/token", "/oauth2.0/me", "/user/get_user_info")
        let old = #"callback( {"error":100016,"error_description":"x"} );"#
        return [
            (me, old, "", .refused(me, 100_016)), (token, old, "", .refused(token, 100_016)),
            (user, #"{"ret":-22,"msg":"x"}"#, "", .refused(user, -22)),
            (user, #"{"ret":"x","msg":"x"}"#, "", .unreadable(user)),
            (user, #"{"nickname":"x"}"#, "", .unreadable(user)),
            (user, "{}", "status=500", .unreadable(user)),
            (me, #"{"client_id":"101000002","openid":"A"}"#, "", .foreignToken),
            (me, #"{"openid":"A"}"#, "", .foreignToken), (me, #"{"client_id":"101000001"}"#, "", .unreadable(me)),
            (me, #"{"client_id":"101000001","openid":""}"#, "", .unreadable(me)),
            (me, #"{"client_id":"101000001","openid":"a b"}"#, "", .unreadable(me)),
            (me, #"{"client_id":"101000001","openid":"\#(String(repeating: "A", count: 65))"}"#, "", .unreadable(me)),
            (token, "", "", .unreadable(token)), (token, "<html>maintenance</html>", "", .unreadable(token)),
            (token, "expires_in=1", "", .unreadable(token)), (token, "access_token=a%0Ab", "", .unreadable(token)),
            (token, "access_token=x", "status=302", .unreadable(token)), (token, "x", "status=404", .unreadable(token)),
            (token, "access_token=" + String(repeating: "a", count: 70_000), "", .unreadable(token)),
            (me, "", "endless=1", .unreadable(me)),
        ]
    }()

    @Test func whatIsNoAnswerIsAnErrorOfItsKind() async throws {
        try await QQFake.run { qq in
            for fault in Self.faults {
                try await qq.fault(fault.path, fault.reply, fault.options)
                let code = try await qq.code()
                let error = await #expect(throws: QQError.self) { try await qq.client.person(of: code) }
                #expect(error == fault.error, "\(fault)")
                try await qq.fault(fault.path, "", "off=1")
            }
            _ = try await qq.client.person(of: qq.code())
        }
    }

    @Test(arguments: ["hang=1", "slow=1"]) func aReplyThatDoesNotEndInTimeIsGivenUp(how: String) async throws {
        try await QQFake.run { qq in
            var settings = qq.settings
            settings.timeLimit = .milliseconds(300)
            let client = QQClient(settings: settings, callback: qq.client.callback)
            let code = try await qq.code()
            try await qq.fault("/oauth2.0/token", "", how)
            await #expect(throws: QQError.timedOut) { try await client.person(of: code) }
        }
    }

    /// A log that keeps its entries as a text.
    private struct KeepingLog: LogHandler {
        final class Entries: Sendable {
            let text = Mutex("")
        }

        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        let entries: Entries

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            entries.text.withLock { $0 += "\(event.message) \(event.metadata ?? [:])\n" }
        }
    }

    @Test func theLogHasTheReasonOfAFailureAndNeitherCodeNorSecret() async throws {
        try await QQFake.runShop { qq, shop, _ in
            let entries = KeepingLog.Entries()
            let services = shop.services
            let logger = Logger(label: "test", factory: { _ in KeepingLog(entries: entries) })
            let login = try #require(
                QQLogin(services.configuration, services.accounts, services.keys, logger: logger))
            let token = "ACCE55"
            var told: [String] = []
            for (path, reply) in [
                ("/oauth2.0/token", #"callback( {"error":100009,"error_description":"s3cret&="} );"#),
                ("/oauth2.0/token", "access_token=\(token)"), ("/oauth2.0/me", #"{"openid":"\#(token)"}"#),
                ("/user/get_user_info", #"{"ret":-22,"msg":"\#(token)"}"#),
            ] {
                try await qq.fault(path, reply)
                let (address, _, ticket) = try login.begin(next: "/")
                let query = try await qq.confirm(address).split(separator: "?").last.map(String.init) ?? ""
                let members = try #require(formMembers(query))
                let problem = await #expect(throws: Problem.self) {
                    try await login.finish(code: members["code"], state: members["state"], ticket: ticket)
                }
                told += [members["code"] ?? "", members["state"] ?? "", ticket]
                entries.text.withLock { $0 += problem.map { "\($0)\n" } ?? "" }
                try await qq.fault(path, "", "off=1")
            }
            let text = entries.text.withLock { $0 }
            for part in ["100009", "100016", "belongs to another application", "-22"] { #expect(text.contains(part)) }
            for secret in told + [token, qq.settings.secret.value] { #expect(!text.contains(secret), "\(text)") }
        }
    }

    @Test func aServerThatIsDownIsUnreachableAndTheErrorShowsNoSecret() async throws {
        var settings = QQSettings(clientID: "101000001", secret: Secret("s3cret"))
        settings.gateway = "http://127.0.0.1:9"
        // The refusal of the connection ends the request, however slow the machine is.
        settings.timeLimit = .seconds(600)
        let client = QQClient(settings: settings, callback: "http://shop.example/callback")
        let error = await #expect(throws: QQError.self) { try await client.person(of: "c0de") }
        let text = error.map { "\($0) \(String(reflecting: $0))" } ?? ""
        #expect(text.contains("cannot be reached"))
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("c0de"))
    }
}
