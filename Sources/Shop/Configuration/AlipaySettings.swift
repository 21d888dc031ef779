import Configuration

/// The account of the shop at Alipay.
struct AlipaySettings: Sendable {
    /// The address of Alipay's gateway.
    var gateway = "https://openapi.alipay.com/gateway.do"
    /// The number of the application.
    var appID: String
    /// The number of the seller who gets the money (2088…).
    var sellerID: String
    /// The private key of the application: PEM, or the Base64 of Alipay's tools.
    var appKey: Secret
    /// The public key of Alipay, in the same forms.
    var publicKey: String
    /// The address at which Alipay tells of payments; nil for one of the shop's pages' origin.
    var notifyURL: String?
}

extension AlipaySettings {
    /// Reads the account from the configuration; nil if it has no `alipay.appID`.
    ///
    /// The other keys are `alipay.gateway`, `alipay.sellerID` and `alipay.notifyURL`; the keys come with the secrets.
    ///
    /// Errors: `ConfigurationProblem`.
    init?(_ reader: ConfigReader, appKey: Secret?, publicKey: Secret?) throws {
        guard let appID = reader.string(forKey: "alipay.appID") else { return nil }
        guard let sellerID = reader.string(forKey: "alipay.sellerID"), let appKey, let publicKey else {
            throw ConfigurationProblem("alipay.appID needs alipay.sellerID, alipay.appKeyFile and alipay.publicKeyFile")
        }
        self.init(appID: appID, sellerID: sellerID, appKey: appKey, publicKey: publicKey.value)
        gateway =
            try reader.string(forKey: "alipay.gateway").map { try serviceAddress($0, "alipay.gateway") } ?? gateway
        notifyURL = reader.string(forKey: "alipay.notifyURL")
    }
}
