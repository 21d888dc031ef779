import Configuration

/// The service of Aliyun through which text messages leave the shop.
struct SMSSettings: Sendable {
    /// The address of the service.
    var url = "https://dysmsapi.aliyuncs.com/"
    var region = "cn-hangzhou"
    var keyID: String
    var keySecret: Secret
    /// The name of the shop at the head of each message, as Aliyun has approved it.
    var signName: String
    /// The template of codes, whose one variable is `code`.
    var codeTemplate: String
    /// The templates of messages about orders, with the variable `order`, and `parcel` for those that were shipped; nil
    /// for no message.
    var paidTemplate: String?
    var shippedTemplate: String?
    var refundedTemplate: String?
}

extension SMSSettings {
    /// Reads the settings of text messages from the configuration; nil if it has no `sms.keyID`.
    ///
    /// The other keys are `sms.url`, `sms.region`, `sms.signName`, `sms.codeTemplate`, `sms.paidTemplate`,
    /// `sms.shippedTemplate` and `sms.refundedTemplate`; the secret of the key comes with the other secrets.
    ///
    /// Errors: `ConfigurationProblem`.
    init?(_ reader: ConfigReader, keySecret: Secret?) throws {
        guard let keyID = reader.string(forKey: "sms.keyID") else { return nil }
        guard let keySecret, let signName = reader.string(forKey: "sms.signName"),
            let codeTemplate = reader.string(forKey: "sms.codeTemplate")
        else {
            throw ConfigurationProblem(
                "sms.keyID needs sms.signName, sms.codeTemplate and the secret of the key in SHOP_SMS_KEY_SECRET")
        }
        self.init(keyID: keyID, keySecret: keySecret, signName: signName, codeTemplate: codeTemplate)
        url = try reader.string(forKey: "sms.url").map { try serviceAddress($0, "sms.url") } ?? url
        region = reader.string(forKey: "sms.region", default: region)
        paidTemplate = reader.string(forKey: "sms.paidTemplate")
        shippedTemplate = reader.string(forKey: "sms.shippedTemplate")
        refundedTemplate = reader.string(forKey: "sms.refundedTemplate")
    }
}

/// Returns the address of a service outside of the shop: `https`, or `http` on this machine, for a counterpart.
///
/// Errors: `ConfigurationProblem`, which names the key.
func serviceAddress(_ text: String, _ key: String) throws -> String {
    let isHere = ["http://127.0.0.1:", "http://localhost:"].contains { text.hasPrefix($0) }
    guard text.hasPrefix("https://") || isHere else {
        throw ConfigurationProblem("\(key): \"\(text)\" is neither an https address nor one of this machine")
    }
    return text
}
