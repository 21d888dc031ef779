import Configuration

/// The shop as QQ knows it.
struct QQSettings: Sendable {
    /// The origin of QQ's addresses, without a slash at its end.
    var gateway = "https://graph.qq.com"
    /// The number of the application.
    var clientID: String
    var secret: Secret
    /// The time for all questions to QQ of one login.
    var timeLimit: Duration = .seconds(10)
}

extension QQSettings {
    /// Reads the settings from the configuration; nil if it has no `qq.clientID`. `qq.gateway` is another address, and
    /// the secret comes with the other secrets.
    ///
    /// Errors: `ConfigurationProblem`.
    init?(_ reader: ConfigReader, secret: Secret?) throws {
        guard let clientID = reader.string(forKey: "qq.clientID") else { return nil }
        guard let secret else { throw ConfigurationProblem("qq.clientID needs qq.secretFile") }
        self.init(clientID: clientID, secret: secret)
        guard let address = reader.string(forKey: "qq.gateway") else { return }
        gateway = try serviceAddress(address, "qq.gateway")
        while gateway.last == "/" { gateway.removeLast() }
    }
}
