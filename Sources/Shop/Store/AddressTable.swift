/// The parts of an address that a person writes.
struct AddressDraft: Codable, Sendable, Equatable {
    var recipientName: String
    var recipientAddr: String
    var zipCode: String
    var recipientPhone: String
}

/// A row of `address`, as the API shows it.
struct Address: StoredRow, Encodable, Sendable, Equatable {
    var id: Int
    var recipientName: String
    var recipientAddr: String
    var zipCode: String
    var recipientPhone: String
    var isDefault: Bool
}

/// An address as an order keeps it.
struct AddressSnapshot: Sendable, Equatable {
    var id: Int
    var isDefault: Bool
    /// A JSON object, with the members of `Address` as the API shows them.
    var json: String
}

extension Transaction {
    /// Returns the addresses of an account, the default first.
    func addresses(of passport: Int) throws -> [Address] {
        try rows(
            "SELECT * FROM address WHERE passport_id = ? AND is_delete = 0 ORDER BY is_default DESC, id DESC", passport)
    }

    /// Returns the addresses of accounts as orders keep them, by account.
    func addressSnapshots(of passports: [Int]) throws -> [Int: [AddressSnapshot]] {
        let found = try rows(
            """
            SELECT id, passport_id, is_default, json_object(
                    'id', id, 'is_default', json(CASE is_default WHEN 1 THEN 'true' ELSE 'false' END),
                    'recipient_addr', recipient_addr, 'recipient_name', recipient_name,
                    'recipient_phone', recipient_phone, 'zip_code', zip_code) AS json
            FROM address WHERE passport_id IN (SELECT value FROM json_each(?)) AND is_delete = 0
            """, jsonList(passports))
        return Dictionary(grouping: found) { $0.int("passport_id") }.mapValues { rows in
            rows.map { AddressSnapshot(id: $0.int("id"), isDefault: $0.bool("is_default"), json: $0.text("json")) }
        }
    }

    /// Returns an address of an account; nil if it is not there, or somebody else's.
    func address(_ id: Int, of passport: Int) throws -> Address? {
        try row("SELECT * FROM address WHERE id = ? AND passport_id = ? AND is_delete = 0", id, passport)
    }

    /// Adds an address and returns its id. The first one of an account becomes its default.
    func addAddress(_ draft: AddressDraft, of passport: Int, now: Milliseconds) throws -> Int {
        let isFirst = try addresses(of: passport).isEmpty
        try execute(
            """
            INSERT INTO address (passport_id, recipient_name, recipient_addr, zip_code, recipient_phone, is_default,
                created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """, passport, draft.recipientName, draft.recipientAddr, draft.zipCode, draft.recipientPhone,
            isFirst ? 1 : 0, now, now)
        return lastInsertedID
    }

    /// Replaces an address. Errors: `StoreError.unchanged` if the account has no such address.
    func updateAddress(_ id: Int, to draft: AddressDraft, of passport: Int, now: Milliseconds) throws {
        let changed = try execute(
            """
            UPDATE address SET recipient_name = ?, recipient_addr = ?, zip_code = ?, recipient_phone = ?, updated_at = ?
            WHERE id = ? AND passport_id = ? AND is_delete = 0
            """, draft.recipientName, draft.recipientAddr, draft.zipCode, draft.recipientPhone, now, id, passport)
        if changed == 0 { throw StoreError.unchanged }
    }

    /// Makes an address the default of its account. Errors: `StoreError.unchanged` if the account has no such address.
    func setDefaultAddress(_ id: Int, of passport: Int, now: Milliseconds) throws {
        try execute("UPDATE address SET is_default = 0 WHERE passport_id = ? AND is_default = 1", passport)
        let changed = try execute(
            "UPDATE address SET is_default = 1, updated_at = ? WHERE id = ? AND passport_id = ? AND is_delete = 0",
            now, id, passport)
        if changed == 0 { throw StoreError.unchanged }
    }

    /// Deletes an address; orders keep its row. After the default the newest of the others becomes the default.
    ///
    /// Errors: `StoreError.unchanged` if the account has no such address.
    func deleteAddress(_ id: Int, of passport: Int, now: Milliseconds) throws {
        guard let address = try address(id, of: passport) else { throw StoreError.unchanged }
        try execute("UPDATE address SET is_delete = 1, is_default = 0, updated_at = ? WHERE id = ?", now, id)
        if address.isDefault, let next = try addresses(of: passport).first {
            try setDefaultAddress(next.id, of: passport, now: now)
        }
    }
}
