import FoundationEssentials
import NIOSSL

/// Sends mail to one mail server, which delivers it (RFC 5321): a connection for each mail, encrypted and authenticated
/// as the settings say.
struct SMTPClient: Sendable {
    private let settings: MailSettings
    private let tls: NIOSSLContext?
    /// The sender of all mails.
    let from: MailAddress

    /// Creates a client.
    ///
    /// Errors: `ConfigurationProblem` for a sender that is no address, a password that would be sent in the clear to
    /// another machine, or certificates that cannot be read.
    init(_ settings: MailSettings) throws {
        self.settings = settings
        guard let from = MailAddress(settings.from) else { throw ConfigurationProblem("mail.from is no mail address") }
        self.from = from
        guard settings.security != .none else {
            guard settings.password == nil || ["localhost", "127.0.0.1", "::1"].contains(settings.host) else {
                throw ConfigurationProblem("mail.security must be \"starttls\" or \"tls\" where there is a password")
            }
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = settings.trustedCertificates { configuration.trustRoots = .file(file) }
        do {
            tls = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ConfigurationProblem("the certificates for mail cannot be read: \(error)")
        }
    }

    /// Sends a mail, and returns when the server has taken it over.
    ///
    /// Errors: `PermanentJobFailure` if the server refuses this mail or its recipient for good (a code from 500 on);
    /// `SMTPError` if it may be sent again, such as after a refusal of the client or the sender. After an error at the
    /// end of the message nobody knows whether the server has taken it: the repetition has the same Message-ID.
    func send(_ message: MailMessage) async throws {
        let content = try message.encoded()
        let connection = try await SMTPConnection.connect(
            settings, tls: settings.security == .implicitTLS ? tls : nil)
        defer { connection.close() }
        try await withTaskCancellationHandler {
            try await send(content, of: message, on: connection)
        } onCancel: {
            // A process that ends does not wait for a silent server; another worker sends the mail.
            connection.close()
        }
    }

    private func send(_ content: String, of message: MailMessage, on connection: SMTPConnection) async throws {
        try Self.expect(220, await connection.reply())
        let hello = try await open(connection)
        try await logIn(connection, hello)
        try Self.expect(250, await connection.send("MAIL FROM:<\(message.from)>"))
        let recipient = try await connection.send("RCPT TO:<\(message.to)>")
        // 251: the server forwards the mail.
        if recipient.code != 251 { try Self.expect(250, recipient, isAboutMail: true) }
        try Self.expect(354, await connection.send("DATA"), isAboutMail: true)
        try Self.expect(250, await connection.sendMessage(content), isAboutMail: true)
        // The mail is delivered: nothing that follows may fail it.
        _ = try? await connection.send("QUIT")
    }

    /// Greets the server, with STARTTLS in between if the settings say so, and returns what it offers.
    private func open(_ connection: SMTPConnection) async throws -> SMTPReply {
        let greeting = "EHLO \(from.domain)"
        let hello = try Self.expect(250, await connection.send(greeting))
        guard settings.security == .startTLS, let tls else { return hello }
        guard hello.offers("STARTTLS") else { throw SMTPError.unsupported("STARTTLS") }
        try Self.expect(220, await connection.send("STARTTLS"))
        try await connection.startTLS(tls, host: settings.host)
        return try Self.expect(250, await connection.send(greeting))
    }

    private func logIn(_ connection: SMTPConnection, _ hello: SMTPReply) async throws {
        guard let user = settings.user, let password = settings.password?.value else { return }
        func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        if hello.mechanisms.contains("PLAIN") {
            let reply = try await connection.send("AUTH PLAIN \(base64("\0\(user)\0\(password)"))")
            try Self.expect(235, reply)
        } else if hello.mechanisms.contains("LOGIN") {
            try Self.expect(334, await connection.send("AUTH LOGIN"))
            try Self.expect(334, await connection.send(base64(user)))
            try Self.expect(235, await connection.send(base64(password)))
        } else {
            throw SMTPError.unsupported("AUTH PLAIN or LOGIN")
        }
    }

    /// Checks the code of a reply; commands and their secrets are not part of the error.
    ///
    /// Only what `isAboutMail` can refuse it for good: a refused client, sender or password is a mistake of the
    /// operator.
    @discardableResult
    private static func expect(_ code: Int, _ reply: SMTPReply, isAboutMail: Bool = false) throws -> SMTPReply {
        guard reply.code != code else { return reply }
        if reply.code >= 500, isAboutMail {
            throw PermanentJobFailure("the mail server refused: \(reply.text)")
        }
        throw SMTPError.refused(reply.text)
    }
}
