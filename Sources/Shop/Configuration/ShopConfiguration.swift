import Configuration
import FoundationEssentials
import SystemPackage

/// The choices of a shop's operator, from a JSON file and the environment; the environment stands above the file.
///
/// A key such as `http.port` is the member `{"http": {"port": 8090}}` of the file and the variable `SHOP_HTTP_PORT`.
/// Secrets come from the environment (`SHOP_REDIS_PASSWORD`) or from a file of their own that `redis.passwordFile`
/// names; the configuration file cannot hold them.
package struct ShopConfiguration: Sendable {
    /// A search server that the feed posts goods to.
    package struct FeedTarget: Sendable, Equatable {
        /// The name of the target, which its cursor is kept under.
        package var name: String
        /// The address of the catalog, such as `http://127.0.0.1:8080/v1/books`.
        package var url: String
        /// The key of the search server with the role write.
        package var key: Secret
        /// The key with the role search that searches of visitors are sent with; nil if they need none.
        package var searchKey: Secret?
    }

    /// An address of Redis.
    package enum RedisAddress: Sendable, Equatable {
        /// A server of the shop's own, on a socket in the data folder.
        case own
        case tcp(host: String, port: Int)
        case socket(path: String)
    }

    /// The folder of the database, the keys and the shop's own Redis.
    package var data = "shop-data"
    /// The address on which customers reach the shop.
    package var host = "127.0.0.1"
    package var port = 8090
    /// The address of the back office.
    package var adminHost = "127.0.0.1"
    package var adminPort = 8091
    /// The origin of the shop's pages, such as `https://shop.example`: links in mails begin with it, and requests that
    /// change something must come from it. Nil for the address of the request.
    package var publicOrigin: String?
    /// The names by which browsers may address the shop, besides those of `publicOrigin`, `host` and `adminHost`,
    /// `localhost` and addresses in digits; `*` allows all.
    package var allowedHosts: [String] = []
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    package var trustedProxies: [String] = []
    package var redis = RedisAddress.own
    package var redisUser: String?
    package var redisPassword: Secret?
    /// The time in which Redis must reply.
    package var redisTimeout: Duration = .seconds(3)
    /// The search servers that follow the goods.
    package var feedTargets: [FeedTarget] = []
    /// The binary logarithm of scrypt's cost.
    package var passwordCost = 15
    /// The number of password hashes that may wait for a thread; more are refused.
    package var passwordQueue = 32
    /// The time after which an unpaid order is canceled.
    package var orderTimeout: Duration = .seconds(30 * 60)
    /// The ways to pay that are offered.
    package var payMethods: [PayMethod] = [.cashOnDelivery]
    /// The most orders of an account that are not paid, or to be paid at the door and not shipped: each holds goods
    /// that others cannot buy.
    package var unpaidLimit = 20
    /// The price of delivery in fen.
    package var transitPrice = 1000
    /// The time for which jobs that have failed for good are kept.
    package var jobRetention: Duration = .seconds(30 * 86_400)
    /// The time for which events are kept.
    package var eventRetention: Duration = .seconds(90 * 86_400)
    /// True if each request is a line of the log.
    package var logsRequests = false
    /// True if lines of the log are JSON objects.
    package var logsJSON = false
    /// The way of mails out of the shop; nil for a shop that sends none, in which they wait.
    var mail: MailSettings?
    /// The way of text messages out of the shop; nil for a shop that sends none.
    var sms: SMSSettings?
    /// The account that collects the money of orders; nil for a shop that has none at Alipay.
    var alipay: AlipaySettings?
    /// The shop as QQ knows it; nil for a shop in which nobody logs in by QQ.
    var qq: QQSettings?
    /// True if the limits of requests apply.
    package var limitsRequests = true

    /// Creates the default configuration of a data folder.
    package init(data: String = "shop-data") { self.data = data }

    /// The origin of links in mails.
    var pageOrigin: String { publicOrigin ?? "http://\(host):\(port)" }

    /// The names by which browsers address the shop.
    var knownHosts: AllowedHosts {
        let origin = publicOrigin?.split(separator: "/").last.flatMap { AllowedHosts.host(of: String($0)) }
        return AllowedHosts([host, adminHost] + allowedHosts + (origin.map { [$0] } ?? []))
    }

    /// True if cookies are sent over TLS only.
    var usesTLS: Bool { publicOrigin?.hasPrefix("https://") ?? false }

    /// Reads a configuration.
    ///
    /// Errors: a file that is not there or is not JSON, a value of the wrong type, a secret in the file.
    package static func load(file: String?, environment: [String: String]) async throws -> ShopConfiguration {
        let variables = EnvironmentVariablesProvider(environmentVariables: environment)
        var providers: [any ConfigProvider] = [variables.prefixKeys(with: "shop")]
        if let file {
            let provider = try await FileProvider<JSONSnapshot>(filePath: FilePath(file))
            let reader = ConfigReader(provider: provider)
            for key in secretKeys where reader.string(forKey: ConfigKey(key)) != nil {
                throw ConfigurationProblem("\(file) holds the secret \(key): use a variable or \(key)File")
            }
            providers.append(provider)
        }
        return try ShopConfiguration(ConfigReader(providers: providers))
    }

    private static let secretKeys: [String] = [
        "redis.password", "feed.key", "feed.searchKey", "mail.password", "sms.keySecret", "alipay.appKey", "qq.secret",
    ]

    /// Reads a configuration from its providers.
    private init(_ reader: ConfigReader) throws {
        data = reader.string(forKey: "data", default: data)
        host = reader.string(forKey: "http.host", default: host)
        port = reader.int(forKey: "http.port", default: port)
        adminHost = reader.string(forKey: "admin.host", default: adminHost)
        adminPort = reader.int(forKey: "admin.port", default: adminPort)
        publicOrigin = reader.string(forKey: "http.origin")
        allowedHosts = reader.stringArray(forKey: "http.allowedHosts", default: [])
        trustedProxies = reader.stringArray(forKey: "http.trustedProxies", default: [])
        redis = try Self.redisAddress(reader.string(forKey: "redis.address"))
        redisUser = reader.string(forKey: "redis.user")
        redisTimeout = .milliseconds(reader.int(forKey: "redis.timeoutMilliseconds", default: 3000))
        redisPassword = try Self.secret("redis.password", reader)
        passwordCost = reader.int(forKey: "password.cost", default: passwordCost)
        guard (10...20).contains(passwordCost) else {
            throw ConfigurationProblem("password.cost must be from 10 to 20")
        }
        passwordQueue = reader.int(forKey: "password.queue", default: passwordQueue)
        orderTimeout = .seconds(reader.int(forKey: "orders.timeoutSeconds", default: 30 * 60))
        let numbers = reader.intArray(forKey: "orders.payMethods", default: payMethods.map(\.rawValue))
        payMethods = try numbers.map { number in
            guard let method = PayMethod(rawValue: number) else {
                throw ConfigurationProblem("orders.payMethods: \(number) is neither 1, at the door, nor 3, Alipay")
            }
            return method
        }
        unpaidLimit = reader.int(forKey: "orders.unpaidLimit", default: unpaidLimit)
        transitPrice = reader.int(forKey: "orders.transitPrice", default: transitPrice)
        jobRetention = try Self.days("jobs.keepDays", default: 30, reader)
        eventRetention = try Self.days("events.keepDays", default: 90, reader)
        logsRequests = reader.bool(forKey: "log.requests", default: false)
        logsJSON = reader.bool(forKey: "log.json", default: false)
        limitsRequests = reader.bool(forKey: "http.limits", default: true)
        mail = try MailSettings(reader, password: Self.secret("mail.password", reader))
        sms = try SMSSettings(reader, keySecret: Self.secret("sms.keySecret", reader))
        alipay = try AlipaySettings(
            reader, appKey: Self.secret("alipay.appKey", reader), publicKey: Self.secret("alipay.publicKey", reader))
        qq = try QQSettings(reader, secret: Self.secret("qq.secret", reader))
        let targets = reader.stringArray(forKey: "feed.targets", default: [])
        guard !targets.isEmpty else { return }
        guard let key = try Self.secret("feed.key", reader) else {
            throw ConfigurationProblem(
                "feed.targets needs a key of the search servers with the role write in SHOP_FEED_KEY")
        }
        let searchKey = try Self.secret("feed.searchKey", reader)
        feedTargets = try targets.map { target in
            let parts = target.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[1].hasPrefix("http") else {
                throw ConfigurationProblem("feed.targets: \"\(target)\" is not of the form NAME=http://HOST/v1/CATALOG")
            }
            return FeedTarget(name: parts[0], url: parts[1], key: key, searchKey: searchKey)
        }
    }

    private static func days(_ key: String, default value: Int, _ reader: ConfigReader) throws -> Duration {
        let days = reader.int(forKey: ConfigKey(key), default: value)
        guard (1...3650).contains(days) else { throw ConfigurationProblem("\(key) must be from 1 to 3650") }
        return .seconds(days * 86_400)
    }

    private static func redisAddress(_ text: String?) throws -> RedisAddress {
        guard let text, !text.isEmpty else { return .own }
        if text.hasPrefix("/") { return .socket(path: text) }
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1]) else {
            throw ConfigurationProblem("redis.address: \"\(text)\" is neither HOST:PORT nor the path of a socket")
        }
        return .tcp(host: String(parts[0]), port: port)
    }

    private static func secret(_ key: String, _ reader: ConfigReader) throws -> Secret? {
        if let value = reader.string(forKey: ConfigKey(key), isSecret: true) { return Secret(value) }
        guard let file = reader.string(forKey: ConfigKey(key + "File")) else { return nil }
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ConfigurationProblem("\(key)File: \(file) cannot be read")
        }
        return Secret(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
