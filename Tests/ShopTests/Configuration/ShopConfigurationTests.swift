import FoundationEssentials
import Testing

@testable import Shop

@Suite struct ShopConfigurationTests {
    @Test func theEnvironmentStandsAboveTheFile() async throws {
        try await withTemporaryFolder { folder in
            let file = folder + "/shop.json"
            try #"{"http": {"port": 1234, "host": "0.0.0.0", "trustedProxies": ["10.0.0.0/8"]}, "data": "d"}"#
                .write(toFile: file, atomically: true, encoding: .utf8)
            let configuration = try await ShopConfiguration.load(file: file, environment: ["SHOP_HTTP_PORT": "4321"])
            #expect(configuration.port == 4321)
            #expect(configuration.host == "0.0.0.0")
            #expect(configuration.trustedProxies == ["10.0.0.0/8"])
            #expect(configuration.data == "d")
            #expect(configuration.redis == .own)
        }
    }

    @Test func aSecretInTheFileIsRefusedAndOneInAFileOfItsOwnIsRead() async throws {
        try await withTemporaryFolder { folder in
            let file = folder + "/shop.json"
            try #"{"redis": {"password": "hunter2"}}"#.write(toFile: file, atomically: true, encoding: .utf8)
            await #expect(throws: ConfigurationProblem.self) {
                try await ShopConfiguration.load(file: file, environment: [:])
            }
            try "hunter2\n".write(toFile: folder + "/password", atomically: true, encoding: .utf8)
            let configuration = try await ShopConfiguration.load(
                file: nil, environment: ["SHOP_REDIS_PASSWORD_FILE": folder + "/password"])
            #expect(configuration.redisPassword == Secret("hunter2"))
        }
    }

    @Test func aSecretDoesNotShowItself() {
        var text = ""
        dump(Secret("hunter2"), to: &text)
        #expect(!"\(Secret("hunter2")) \(String(reflecting: Secret("hunter2")))".contains("hunter2"))
        #expect(!text.contains("hunter2"))
    }

    @Test func textMessagesNeedAllTheirSettingsAndAnAddressThatNobodyReadsAlong() async throws {
        var variables = ["SHOP_SMS_KEY_ID": "k", "SHOP_SMS_SIGN_NAME": "n", "SHOP_SMS_CODE_TEMPLATE": "t"]
        await #expect(throws: ConfigurationProblem.self) {
            try await ShopConfiguration.load(file: nil, environment: variables)
        }
        variables["SHOP_SMS_KEY_SECRET"] = "hunter2"
        let settings = try await ShopConfiguration.load(file: nil, environment: variables).sms
        #expect(settings?.keySecret == Secret("hunter2"))
        #expect(settings?.url == "https://dysmsapi.aliyuncs.com/")
        variables["SHOP_SMS_URL"] = "http://sms.example/"
        await #expect(throws: ConfigurationProblem.self) {
            try await ShopConfiguration.load(file: nil, environment: variables)
        }
    }

    @Test func loginsByQQNeedTheSecretOfTheirApplicationFromAFile() async throws {
        try await withTemporaryFolder { folder in
            var variables = ["SHOP_QQ_CLIENT_ID": "101"]
            await #expect(throws: ConfigurationProblem.self) {
                try await ShopConfiguration.load(file: nil, environment: variables)
            }
            try "hunter2\n".write(toFile: folder + "/secret", atomically: true, encoding: .utf8)
            variables["SHOP_QQ_SECRET_FILE"] = folder + "/secret"
            let settings = try await ShopConfiguration.load(file: nil, environment: variables).qq
            #expect(settings?.secret == Secret("hunter2"))
            #expect(settings?.gateway == "https://graph.qq.com")
            variables["SHOP_QQ_GATEWAY"] = "http://127.0.0.1:9/"
            #expect(
                try await ShopConfiguration.load(file: nil, environment: variables).qq?.gateway == "http://127.0.0.1:9")
            variables["SHOP_QQ_GATEWAY"] = "http://qq.example"
            await #expect(throws: ConfigurationProblem.self) {
                try await ShopConfiguration.load(file: nil, environment: variables)
            }
        }
    }

    @Test func targetsOfTheFeedNeedAKey() async throws {
        let targets = ["SHOP_FEED_TARGETS": "a=http://127.0.0.1:1/v1/books,b=http://127.0.0.1:2/v1/books"]
        await #expect(throws: ConfigurationProblem.self) {
            try await ShopConfiguration.load(file: nil, environment: targets)
        }
        let configuration = try await ShopConfiguration.load(
            file: nil, environment: targets.merging(["SHOP_FEED_KEY": "k"]) { $1 })
        #expect(configuration.feedTargets.map(\.name) == ["a", "b"])
        #expect(configuration.feedTargets.last?.url == "http://127.0.0.1:2/v1/books")
    }
}

@Suite struct KeyRingTests {
    @Test func allProcessesOfAFolderHaveTheSameRingAndOnlyItsOwnerCanReadIt() async throws {
        try await withTemporaryFolder { folder in
            let rings = try await withThrowingTaskGroup(of: KeyRing.self) { group in
                for _ in 1...8 { group.addTask { try KeyRing.open(in: folder) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(rings.map(\.current.secret)).count == 1)
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/keys.json")[.posixPermissions]
            #expect((mode as? Int) == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["keys.json"])
        }
    }

    @Test func rotationKeepsTheLastTwoKeys() async throws {
        try await withTemporaryFolder { folder in
            var ring = try KeyRing.open(in: folder)
            let first = ring.current.id
            for _ in 1...2 { ring.rotate() }
            #expect(ring.keys.map(\.id).contains(first))
            ring.rotate()
            #expect(!ring.keys.map(\.id).contains(first))
            try ring.save(in: folder)
            #expect(try KeyRing.open(in: folder).current.id == ring.current.id)
        }
    }
}
