import Hummingbird

/// The routes of addresses: `GET` and `POST /api/v1/addresses`, `PUT` and `DELETE /api/v1/addresses/{id}`,
/// `POST /api/v1/addresses/{id}/default`. An address of somebody else looks as if it were not there.
struct AddressRoutes: Sendable {
    private static let limit = 20

    let store: Store
    let now: @Sendable () -> Milliseconds

    func add(to routes: RouterGroup<ShopContext>) {
        routes.get("addresses") { _, context in try await list(of: try context.passport) }
        routes.post("addresses") { request, context in
            let passport = try context.passport
            let draft = try Self.checked(await request.decoded(AddressDraft.self))
            let now = now()
            let address = try await store.write { transaction in
                guard try transaction.addresses(of: passport).count < Self.limit else {
                    throw Problem(
                        .conflict, "too_many_addresses", "an account has \(Self.limit) addresses at most",
                        hint: "delete one first")
                }
                let id = try transaction.addAddress(draft, of: passport, now: now)
                return try transaction.address(id, of: passport)
            }
            return jsonReply(address, status: .created)
        }
        routes.put("addresses/:id") { request, context in
            let draft = try Self.checked(await request.decoded(AddressDraft.self))
            return try await change(context) { transaction, id, passport, now in
                try transaction.updateAddress(id, to: draft, of: passport, now: now)
            }
        }
        routes.delete("addresses/:id") { _, context in
            try await change(context) { transaction, id, passport, now in
                try transaction.deleteAddress(id, of: passport, now: now)
            }
        }
        routes.post("addresses/:id/default") { _, context in
            try await change(context) { transaction, id, passport, now in
                try transaction.setDefaultAddress(id, of: passport, now: now)
            }
        }
    }

    private func list(of passport: Int) async throws -> Response {
        jsonReply(["items": try await store.read { try $0.addresses(of: passport) }])
    }

    /// Changes the address of the path, and responds with the addresses that the account has then.
    private func change(
        _ context: ShopContext, _ body: @escaping @Sendable (Transaction, Int, Int, Milliseconds) throws -> Void
    ) async throws -> Response {
        let passport = try context.passport
        let id = try context.parameters.id("id", of: "address")
        let now = now()
        do {
            try await store.write { try body($0, id, passport, now) }
        } catch StoreError.unchanged {
            throw Problem.missing("address")
        }
        return try await list(of: passport)
    }

    private static func checked(_ draft: AddressDraft) throws -> AddressDraft {
        var draft = draft
        draft.recipientName = try text(draft.recipientName, "recipient_name", upTo: 20)
        draft.recipientAddr = try text(draft.recipientAddr, "recipient_addr", upTo: 256)
        draft.recipientPhone = try phoneNumber(draft.recipientPhone, "recipient_phone")
        guard draft.zipCode.utf8.count == 6, draft.zipCode.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Problem.value("zip_code", "a postal code has six digits")
        }
        return draft
    }

    private static func text(_ text: String, _ param: String, upTo limit: Int) throws -> String {
        let trimmed = String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        let hasControls = trimmed.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard !trimmed.isEmpty, trimmed.unicodeScalars.count <= limit, !hasControls else {
            throw Problem.value(param, "\(param) has 1 to \(limit) characters")
        }
        return trimmed
    }
}
