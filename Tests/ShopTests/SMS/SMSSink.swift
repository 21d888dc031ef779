import Foundation

@testable import Shop

/// A stand-in for Aliyun's service of text messages, which checks signatures by its own means and keeps the messages.
struct SMSSink {
    struct Message: Decodable {
        var phone: String
        var template: String
        var variables: [String: String]
        var reference: String?
        /// The path and query of the request.
        var `where`: String
    }

    /// The time of the service, which is that of a new `TestShop`.
    static let now: Milliseconds = 1_800_000_000_000

    let settings: SMSSettings
    private let file: String

    /// Runs a body with the service, which the arguments configure.
    static func run(_ arguments: [String] = [], _ body: (SMSSink) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let options = [
                "--key-id", "id+1", "--key-secret", "s3cret/key", "--sign-name", "Quire 书店",
                "--now", "\(now / 1000)", "--json", folder + "/messages",
            ]
            try await withPythonServer("Fixtures/providers/sms_fake.py", options + arguments) { port in
                let settings = SMSSettings(
                    url: "http://127.0.0.1:\(port)/", keyID: "id+1", keySecret: Secret("s3cret/key"),
                    signName: "Quire 书店", codeTemplate: "SMS_CODE")
                try await body(SMSSink(settings: settings, file: folder + "/messages"))
            }
        }
    }

    /// The jobs that send messages of a shop to it.
    func jobs(of store: Store) -> SMSJobs {
        SMSJobs(store: store, client: AliyunSMS(settings: settings, now: { Self.now }), now: { Self.now })
    }

    /// The messages that it has taken.
    var messages: [Message] {
        get throws {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
            return try text.split(separator: "\n").map {
                try JSONDecoder().decode(Message.self, from: Data($0.utf8))
            }
        }
    }
}
