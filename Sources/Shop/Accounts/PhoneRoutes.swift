import Hummingbird

/// The routes that verify a mobile number: `POST /api/v1/me/phone/code` sends a code to it, `POST /api/v1/me/phone`
/// takes the code.
struct PhoneRoutes: Sendable {
    let codes: PhoneCodes
    /// True if the shop sends text messages.
    let isOffered: Bool

    private struct Number: Decodable { var phone: String }

    private struct Confirmation: Decodable {
        var phone: String
        var code: String
    }

    func add(to routes: RouterGroup<ShopContext>) {
        routes.post("me/phone/code") { request, context in
            let passport = try context.passport
            let body = try await request.decoded(Number.self)
            guard isOffered else {
                throw Problem(.conflict, "sms_not_offered", "the shop sends no text messages")
            }
            try await codes.send(to: body.phone, of: passport, client: context.clientKey)
            return jsonReply(["status": "accepted"], status: .accepted)
        }
        routes.post("me/phone") { request, context in
            let passport = try context.passport
            let body = try await request.decoded(Confirmation.self)
            try await codes.confirm(body.phone, code: body.code, of: passport)
            return jsonReply(["status": "verified"])
        }
    }
}
