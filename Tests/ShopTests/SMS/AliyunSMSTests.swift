import Foundation
import Testing

@testable import Shop

@Suite struct AliyunSMSTests {
    /// The examples of Aliyun's documentation, of `SendSms` and of `DescribeRegions`.
    @Test func signaturesAreThoseOfThePublishedExamples() {
        let message = [
            "SignatureMethod": "HMAC-SHA1", "SignatureNonce": "45e25e9b-0a6f-4070-8c85-2956eda1b466",
            "AccessKeyId": "testId", "SignatureVersion": "1.0", "Timestamp": "2017-07-12T02:42:19Z", "Format": "XML",
            "Action": "SendSms", "Version": "2017-05-25", "RegionId": "cn-hangzhou", "PhoneNumbers": "15300000001",
            "SignName": "阿里云短信测试专用", "TemplateParam": #"{"customer":"test"}"#, "TemplateCode": "SMS_71390007",
            "OutId": "123",
        ]
        #expect(AliyunSMS.signature("GET", message, Secret("testSecret")) == "zJDF+Lrzhj/ThnlvIToysFRq6t4=")
        let regions = [
            "Timestamp": "2016-02-23T12:46:24Z", "Format": "XML", "AccessKeyId": "testid",
            "Action": "DescribeRegions", "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf", "Version": "2014-05-26",
            "SignatureVersion": "1.0",
        ]
        #expect(AliyunSMS.signature("GET", regions, Secret("testsecret")) == "OLeaidS1JvxuMvnyHOwuJ+uX5qY=")
    }

    private static let hasSDK = FileManager.default.fileExists(atPath: projectFile(".build/providers/aliyunsdkcore"))

    /// Signs requests, which are lines of JSON, with Aliyun's own SDK.
    private static let reference = """
        import json, sys
        sys.path.insert(0, sys.argv[1])
        from aliyunsdkcore.auth.composer import rpc_signature_composer as composer
        compose, sign = (getattr(composer, name) for name in ("__compose_string_to_sign", "__get_signature"))
        print(json.dumps([sign(compose("POST", members), sys.argv[3]) for members in json.loads(sys.argv[2])]))
        """

    @Test(.enabled(if: hasSDK, "needs aliyun-python-sdk-core, see ./quire-test"))
    func signaturesAreThoseOfAliyunsSDK() async throws {
        var random = SeededGenerator(seed: 5)
        let characters = Array("aZ09-_.~ +*/%&=\"'{}你好é\u{1F600}\n")
        func text() -> String {
            String(
                (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in characters.randomElement(using: &random)
                })
        }
        let requests = (0..<200).map { _ in
            Dictionary((0..<10).map { _ in ("k" + text(), text()) }, uniquingKeysWith: { first, _ in first })
        }
        let json = String(decoding: try JSONEncoder().encode(requests), as: UTF8.self)
        let printed = try await python(
            Self.reference, [projectFile(".build/providers"), json, "s3cret/key"])
        let signatures = try JSONDecoder().decode([String].self, from: Data(printed.utf8))
        #expect(signatures == requests.map { AliyunSMS.signature("POST", $0, Secret("s3cret/key")) })
    }

    @Test func theServiceTakesMessagesAndTheAddressShowsNothingOfThem() async throws {
        try await SMSSink.run { sink in
            let client = AliyunSMS(settings: sink.settings, now: { SMSSink.now })
            let variables = ["code": "042117", "text": "a b+c*d~e/f&g=h%\"\\ 你好"]
            try await client.send("SMS_1", variables, to: "13800138000", reference: "r1")
            let message = try #require(try sink.messages.first)
            #expect(message.phone == "13800138000")
            #expect(message.template == "SMS_1")
            #expect(message.variables == variables)
            #expect(message.reference == "r1")
            #expect(message.where == "/")
        }
    }

    @Test func aWrongSecretIsTriedAgainBecauseTheOperatorMayCorrectIt() async throws {
        try await SMSSink.run { sink async throws in
            var settings = sink.settings
            settings.keySecret = Secret("wrong")
            let client = AliyunSMS(settings: settings, now: { SMSSink.now })
            await #expect(throws: SMSError.refused("SignatureDoesNotMatch")) {
                try await client.send("SMS_1", [:], to: "13800138000", reference: "r")
            }
            #expect(try sink.messages.isEmpty)
        }
    }

    @Test func codesDecideWhetherAMessageIsSentAgain() async throws {
        for code in ["isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "Throttling.User"] {
            try await SMSSink.run(["--code", code]) { sink in
                let client = AliyunSMS(settings: sink.settings, now: { SMSSink.now })
                await #expect(throws: SMSError.refused(code)) {
                    try await client.send("SMS_1", [:], to: "13800138000", reference: "r")
                }
            }
        }
        try await SMSSink.run { sink in
            let client = AliyunSMS(settings: sink.settings, now: { SMSSink.now })
            await #expect(throws: PermanentJobFailure.self) {
                try await client.send("SMS_1", [:], to: "1", reference: "r")
            }
        }
        let settings = SMSSettings(
            url: "http://127.0.0.1:9/", keyID: "k", keySecret: Secret("s"), signName: "n", codeTemplate: "t")
        // Nobody listens there.
        await #expect(throws: SMSError.self) {
            let client = AliyunSMS(settings: settings, now: { SMSSink.now })
            try await client.send("SMS_1", [:], to: "13800138000", reference: "r")
        }
    }
}
