import Configuration
import NIOCore

/// The mail server through which mail leaves the shop.
struct MailSettings: Sendable {
    /// The protection of the connection.
    enum Security: String, Sendable {
        /// Nothing; for a mail server on the same machine.
        case none
        /// TLS that begins with STARTTLS, usually on port 587. A server without it gets no mail.
        case startTLS = "starttls"
        /// TLS from the first byte, usually on port 465.
        case implicitTLS = "tls"
    }

    var host: String
    var port: Int
    var security: Security
    var user: String?
    var password: Secret?
    /// The address and the name of the sender.
    var from: String
    var fromName = "Quire 书店"
    /// A PEM file of certificates to trust instead of those of the system.
    var trustedCertificates: String?
    var connectTimeout = TimeAmount.seconds(10)
    /// The time that a reply may take; the reply to a whole message may take the rest of `exchangeTimeout`.
    var replyTimeout = TimeAmount.seconds(30)
    /// The time that sending a mail may take, from connecting on. A job that takes longer than 180 s is taken over, and
    /// its mail sent twice.
    var exchangeTimeout = TimeAmount.seconds(120)
}

extension MailSettings {
    /// Reads the settings of the mail server from the configuration; nil if it names none.
    ///
    /// The keys are `mail.host`, `mail.port`, `mail.security` (`none`, `starttls`, `tls`), `mail.user`, `mail.from`,
    /// `mail.fromName` and `mail.trustedCertificates`; the password comes with the other secrets.
    ///
    /// Errors: `ConfigurationProblem`.
    init?(_ reader: ConfigReader, password: Secret?) throws {
        guard let host = reader.string(forKey: "mail.host") else { return nil }
        guard let security = Security(rawValue: reader.string(forKey: "mail.security", default: "starttls")) else {
            throw ConfigurationProblem("mail.security is \"none\", \"starttls\" or \"tls\"")
        }
        let port = reader.int(forKey: "mail.port", default: security == .implicitTLS ? 465 : 587)
        self.init(
            host: host, port: port, security: security,
            from: reader.string(forKey: "mail.from", default: "shop@localhost"))
        user = reader.string(forKey: "mail.user")
        self.password = password
        fromName = reader.string(forKey: "mail.fromName", default: fromName)
        trustedCertificates = reader.string(forKey: "mail.trustedCertificates")
    }
}
