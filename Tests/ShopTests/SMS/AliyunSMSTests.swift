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
