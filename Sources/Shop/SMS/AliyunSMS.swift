import AsyncHTTPClient
import Crypto
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// A client of Aliyun's service for text messages (action `SendSms` of 2017-05-25).
struct AliyunSMS: Sendable {
    private static let timeout = TimeAmount.seconds(20)
    /// Refusals that begin with `isv.` and that time or the operator may change.
    private static let passing: Set<String> = [
        "isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.AMOUNT_NOT_ENOUGH",
        "isv.OUT_OF_SERVICE", "isv.ACCOUNT_ABNORMAL", "isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL",
    ]

    var settings: SMSSettings
    let now: @Sendable () -> Milliseconds

    /// Sends a message, and returns when the service has taken it over. `reference` is shown in the operator's console
    /// of the service.
    ///
    /// Errors: `PermanentJobFailure` if the service will never take this message; `SMSError` if it may be sent again.
    /// They show neither the message nor the number.
    func send(_ template: String, _ variables: [String: String], to phone: String, reference: String) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var members = [
            "Action": "SendSms", "Version": "2017-05-25", "RegionId": settings.region, "Format": "JSON",
            "AccessKeyId": settings.keyID, "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
            "SignatureNonce": randomToken(),
            "Timestamp": Date(timeIntervalSince1970: Double(now() / 1000)).formatted(.iso8601),
            "PhoneNumbers": phone, "SignName": settings.signName, "TemplateCode": template,
            "TemplateParam": String(decoding: try encoder.encode(variables), as: UTF8.self), "OutId": reference,
        ]
        members["Signature"] = Self.signature("POST", members, settings.keySecret)
        // A body: addresses stand in the logs of proxies, and this one would hold number and code.
        var request = HTTPClientRequest(url: settings.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: formEncoded(members)))
        let code = try await reply(to: request)
        guard code != "OK" else { return }
        if code.hasPrefix("isv."), !Self.passing.contains(code) {
            throw PermanentJobFailure("the service of text messages refused: \(code)")
        }
        throw SMSError.refused(code)
    }

    /// Sends a request, and returns the code of the reply.
    private func reply(to request: HTTPClientRequest) async throws -> String {
        struct Reply: Decodable {
            var code: String

            private enum CodingKeys: String, CodingKey { case code = "Code" }
        }
        let body: ByteBuffer
        let status: UInt
        do {
            let response = try await HTTPClient.services.execute(request, timeout: Self.timeout)
            status = response.status.code
            body = try await response.body.collect(upTo: 64 << 10)
        } catch {
            throw SMSError.unreachable("\(error)")
        }
        guard let reply = try? JSONDecoder().decode(Reply.self, from: Data(body.readableBytesView)) else {
            throw SMSError.refused("status \(status)")
        }
        return reply.code
    }

    /// Returns the signature of a request: HMAC-SHA1 over its method and its sorted members, in Base64.
    static func signature(_ method: String, _ members: [String: String], _ secret: Secret) -> String {
        let text = "\(method)&%2F&\(percentEncoded(formEncoded(members)))"
        let key = SymmetricKey(data: Data((secret.value + "&").utf8))
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(text.utf8), using: key)
        return Data(code).base64EncodedString()
    }
}

/// An error of the way to the service of text messages; the message is sent again later.
enum SMSError: Error, Equatable, CustomStringConvertible {
    case unreachable(String)
    case refused(String)

    var description: String {
        switch self {
        case .unreachable(let reason): "the service of text messages cannot be reached: \(reason)"
        case .refused(let code): "the service of text messages refused: \(code)"
        }
    }
}
