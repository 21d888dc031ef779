import FoundationEssentials
import Searching

/// A position after a hit of a search in tiers.
struct TieredAfter: Sendable, Equatable {
    /// The index of the hit's tier.
    var tier: Int
    /// The position in the tier's order.
    var after: SearchAfter
}

/// A cursor: the search-after position of a hit in a snapshot that is kept for the search.
///
/// Its text is base64url-encoded JSON, without a signature. It contains the sort values of the hit: a client that sorts
/// by a field that is not stored can read the field's values.
package struct SearchCursor: Sendable, Equatable {
    /// The id of the snapshot, see `CursorSnapshots`.
    var snapshot: UInt64
    /// The `identity` of the search: a cursor is only valid for requests with the same one.
    var search: UInt64
    /// The tier and the position of the last hit that was returned.
    var position: TieredAfter

    /// The text of the cursor, in the alphabet of base64url, without padding.
    var text: String {
        let fields = Fields(
            snapshot: String(snapshot, radix: 36), search: String(search, radix: 36), tier: position.tier,
            document: position.after.document, values: position.after.values.map(WireValue.init))
        // Texts and numbers always encode.
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = (try? encoder.encode(fields)) ?? Data()
        return json.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The maximum length of the text of a cursor, in bytes.
    static let maxBytes = 64 << 10

    /// The JSON of a cursor.
    private struct Fields: Codable {
        var snapshot: String
        var search: String
        var tier: Int
        var document: Int
        var values: [WireValue]

        enum CodingKeys: String, CodingKey {
            case snapshot = "v"
            case search = "q"
            case tier = "t"
            case document = "d"
            case values = "s"
        }
    }

    /// A sort value with its kind. Floating-point numbers are encoded as their bits, so that they are exact.
    private struct WireValue: Codable {
        var kind: String
        var text: String?

        enum CodingKeys: String, CodingKey {
            case kind = "k"
            case text = "t"
        }

        init(_ value: SortValue) {
            switch value {
            case .missing: kind = "m"
            case .integer(let number): (kind, text) = ("i", "\(number)")
            case .float(let number): (kind, text) = ("f", "\(number.bitPattern)")
            case .score(let score): (kind, text) = ("s", "\(score.bitPattern)")
            case .text(let bytes): (kind, text) = ("t", String(decoding: bytes, as: UTF8.self))
            }
        }

        /// The decoded value; nil if it does not fit its kind.
        var sortValue: SortValue? {
            switch (kind, text) {
            case ("m", nil): .missing
            case ("i", let text?): Int64(text).map { .integer($0) }
            case ("f", let text?): UInt64(text).map { Double(bitPattern: $0) }.flatMap { $0.isNaN ? nil : .float($0) }
            case ("s", let text?):
                UInt32(text).map { Float(bitPattern: $0) }.flatMap { $0.isFinite && $0 >= 0 ? .score($0) : nil }
            case ("t", let text?): .text(Array(text.utf8))
            default: nil
            }
        }
    }
}

extension SearchCursor {
    /// Decodes the text of a cursor; nil if it is not one.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maxBytes else { return nil }
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let json = Data(base64Encoded: base64), let fields = try? JSONDecoder().decode(Fields.self, from: json),
            let snapshot = UInt64(fields.snapshot, radix: 36), let search = UInt64(fields.search, radix: 36),
            fields.document >= 0, fields.tier >= 0, fields.values.count <= SortField.maxFields
        else { return nil }
        var values: [SortValue] = []
        for value in fields.values {
            guard let sort = value.sortValue else { return nil }
            values.append(sort)
        }
        let after = SearchAfter(values, document: fields.document)
        self.init(snapshot: snapshot, search: search, position: TieredAfter(tier: fields.tier, after: after))
    }
}
