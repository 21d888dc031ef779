/// A mail about an account, as the job of the queue `mail` carries it.
struct AccountMail: Codable, Sendable, Equatable {
    enum Kind: String, Codable, Sendable {
        case activate
        /// To somebody who registers with an address that has an account.
        case accountExists = "account_exists"
        /// To somebody who registers with a name that is taken.
        case nameTaken = "name_taken"
        case reset
    }

    var kind: Kind
    var email: String
    var username: String
    /// `zh` or `en`.
    var language: String
    /// The token of the link, for mails that have one, and the end of its time.
    var token: String?
    var expires: Milliseconds?

    func job(key: String = randomToken()) throws -> OutboxJob {
        try OutboxJob(queue: "mail", kind: "account", self, key: key)
    }
}
