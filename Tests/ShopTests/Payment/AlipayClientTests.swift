import Foundation
import Testing

@testable import Shop

@Suite struct AlipayPartsTests {
    @Test func membersAreSplitAsTheyStandThere() {
        let text = #"{ "a" : {"x":"}{\"","y":[1,{"z":"]"}]} ,"b":"q\\", "c":12,"d":null }"#
        let members = rawMembers(of: Array(text.utf8))?.reduce(into: [:]) { result, member in
            result[String(decoding: member.key, as: UTF8.self)] = String(decoding: member.value, as: UTF8.self)
                .trimmingCharacters(in: .whitespaces)
        }
        #expect(members == ["a": #"{"x":"}{\"","y":[1,{"z":"]"}]}"#, "b": #""q\\""#, "c": "12", "d": "null"])
    }

    @Test(arguments: [
        "", "[]", "{", "{}x", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":"1}"#, #"{"a":{"b":1}"#, #"{"a":1,}"#,
        #"{"a":1,"a":1}"#, #"{a:1}"#, #"{"a":1} {"#, #"{"a":}}"#,
    ]) func whatIsNoObjectOrNamesAMemberTwiceIsRefused(text: String) {
        #expect(rawMembers(of: Array(text.utf8)) == nil)
    }

    @Test func amountsAreExact() {
        #expect(Yuan.text(5) == "0.05")
        #expect(Yuan.text(5260) == "52.60")
        for (text, fen) in [("52.6", 5260), ("52.60", 5260), ("52", 5200), ("0.01", 1), ("0.1", 10)] {
            #expect(Yuan.fen(text) == fen)
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1.234", "1e2", " 1", "1,00", "٣", "9999999999999"] {
            #expect(Yuan.fen(text) == nil, "\(text)")
        }
    }

    @Test func timesAreThoseOfChina() {
        #expect(AlipayClient.beijingTime(1_800_000_000_999) == "2027-01-15 16:00:00")
        #expect(AlipayClient.beijingTime(1_499_825_539_000) == "2017-07-12 10:12:19")
    }

    @Test func formsHaveEachMemberOnce() {
        #expect(formMembers("a=1+2&b=%E4%B9%A6&c&d=e=f") == ["a": "1 2", "b": "书", "c": "", "d": "e=f"])
        for text in ["a=1&a=1", "a=%", "a=%4", "a=%+1", "a=%-1", "a=%zz", "a=%FF"] {
            #expect(formMembers(text) == nil, "\(text)")
        }
    }

    @Test func noticesOfAlipayAreNotLimited() {
        #expect(RateLimitMiddleware.rateClass(.post, "//api/v1/pay/alipay/notify") == nil)
        #expect(RateLimitMiddleware.rateClass(.post, "/api/v1/orders/1/pay") == .write)
    }
}

@Suite(.enabled(if: AlipaySandbox.isInstalled, "needs python-alipay-sdk, see ./quire-test"))
struct AlipayClientTests {
    @Test func keysComeAsPEMOfBothKindsAndAsBase64() async throws {
        try await AlipaySandbox.run { sandbox async throws in
            let folder = sandbox.folder
            let old = try output("openssl", ["pkey", "-traditional", "-in", folder + "/app-private.pem"])
            let expected = try AlipayKeys(sandbox.settings).sign("书")
            let bare = { (pem: String) in
                pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined(separator: "\n")
            }
            for key in [old, bare(old), bare(sandbox.settings.appKey.value)] {
                var settings = sandbox.settings
                settings.appKey = Secret(key)
                settings.publicKey = bare(settings.publicKey)
                #expect(try AlipayKeys(settings).sign("书") == expected)
            }
            for wrong in ["", "x", bare(old).lowercased(), sandbox.settings.publicKey] {
                var settings = sandbox.settings
                settings.appKey = Secret(wrong)
                #expect(throws: ConfigurationProblem.self) { try AlipayKeys(settings) }
            }
        }
    }

    @Test func onlyTheBytesThatAlipayHasSignedAreBelieved() async throws {
        try await AlipaySandbox.runShop { sandbox, shop, _, id async throws in
            try await sandbox.open(id, shop)
            let client = try #require(shop.services.payments).client
            #expect(try await client.query(id).tradeStatus == "WAIT_BUYER_PAY")
            #expect(try await client.query("1").isMissing)
            var settings = sandbox.settings
            settings.appID = "1"
            let stranger = try AlipayClient(settings, origin: "", now: shop.services.now)
            await #expect(throws: AlipayError.refused("isv.invalid-app-id")) { try await stranger.query(id) }
            // The shop's own key is not Alipay's.
            settings = sandbox.settings
            settings.publicKey = try String(contentsOfFile: sandbox.folder + "/app-public.pem", encoding: .utf8)
            let deceived = try AlipayClient(settings, origin: "", now: shop.services.now)
            await #expect(throws: AlipayError.unverified) { try await deceived.query(id) }
        }
    }

    /// Runs a program, and returns what it prints.
    private func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
