import Crypto
import FoundationEssentials

/// Shows that a mobile number is a person's, by a code of six digits in a text message.
///
/// A code is valid for five minutes and five attempts, for one account and one number; a new one takes its place. Only
/// a keyed hash of it is stored. The limits keep anybody from filling somebody's phone, or the shop's bill.
struct PhoneCodes: Sendable {
    /// A text message with a code, as the job of the queue `sms` carries it.
    struct Message: Codable, Sendable, Equatable {
        var phone: String
        var code: String
        var expires: Milliseconds
    }

    private static let lifetime: Milliseconds = 300_000
    private static let attempts = 5

    let store: Store
    let keys: CurrentKeys
    /// Limits the messages of a client, of an account and to a number; nil for no limit.
    let limiter: RateLimiter?
    let now: @Sendable () -> Milliseconds

    /// Has a code sent to a number. Errors: `bad_value` (400), `too_many_requests` (429).
    func send(to phone: String, of passport: Int, client: String) async throws {
        let phone = try phoneNumber(phone, "phone")
        // The number comes last: who may not send any more uses up nothing of its owner's.
        try await admit(.smsSender, client)
        try await admit(.smsSender, "passport:\(passport)")
        try await admit(.smsMinute, phone)
        try await admit(.smsDay, phone)
        let now = now()
        var random = SystemRandomNumberGenerator()
        let number = Int.random(in: 0..<1_000_000, using: &random)
        let digits = String(number + 1_000_000).dropFirst()
        let message = Message(phone: phone, code: String(digits), expires: now + Self.lifetime)
        let subject = Self.subject(phone, passport)
        let hash = Data(Self.hash(message.code, subject, keys.ring.current)).base64EncodedString()
        let job = try OutboxJob(queue: "sms", kind: "code", message, key: randomToken())
        try await store.write { transaction in
            try transaction.setPhoneCode(
                PhoneCode(subject: subject, hash: hash, attempts: Self.attempts, expiresAt: message.expires))
            try transaction.enqueue(job, now: now)
        }
    }

    /// Gives an account the number that a code was sent to. Errors: `bad_value`, `bad_code` (400).
    func confirm(_ phone: String, code: String, of passport: Int) async throws {
        let phone = try phoneNumber(phone, "phone")
        let (subject, now, keys) = (Self.subject(phone, passport), now(), keys)
        // The attempt counts also when it fails: the transaction ends without an error.
        let isRight = try await store.write { transaction in
            guard let stored = try transaction.usePhoneCode(subject, now: now) else { return false }
            let hash = Data(base64Encoded: stored) ?? Data()
            let key = keys.first { ring in
                ring.keys.first { key in
                    HMAC<SHA256>.isValidAuthenticationCode(
                        hash, authenticating: Self.text(code, subject), using: Self.derived(key))
                }
            }
            guard key != nil else { return false }
            try transaction.removePhoneCode(subject)
            try transaction.setPhone(of: passport, to: phone, isVerified: true, now: now)
            return true
        }
        guard isRight else {
            throw Problem(
                .badRequest, "bad_code", "the code is wrong, or not valid any more", param: "code",
                hint: "after five attempts or five minutes ask for another code")
        }
    }

    private func admit(_ rateClass: RateClass, _ key: String) async throws {
        if let decision = try await limiter?.decide(rateClass, key), !decision.isAdmitted {
            throw Problem(tooMany: decision)
        }
    }

    private static func subject(_ phone: String, _ passport: Int) -> String { "\(passport):\(phone)" }

    private static func text(_ code: String, _ subject: String) -> Data { Data("\(subject):\(code)".utf8) }

    private static func derived(_ key: KeyRing.Key) -> SymmetricKey { KeyRing.derived(key, for: "phone code") }

    private static func hash(_ code: String, _ subject: String, _ key: KeyRing.Key) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: text(code, subject), using: derived(key))
    }
}
