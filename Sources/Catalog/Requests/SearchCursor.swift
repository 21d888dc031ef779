import FoundationEssentials
import Indexer

/// Where a search goes on: behind a hit of a view that is kept for it.
///
/// On the wire it is one word. It tells what the hit was ordered by, so fields that are not given back are no secret in
/// an order.
public struct SearchCursor: Sendable, Equatable {
    /// The view's name.
    var view: UInt64
    /// Which search it goes on with.
    var search: UInt64
    /// The hit.
    var place: SearchPlace

    /// The cursor as one word.
    var text: String {
        let values = place.values.map(WireValue.init)
        let fields = Fields(
            view: String(view, radix: 36), search: String(search, radix: 36), document: place.document, values: values)
        // Texts and numbers always encode.
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = (try? encoder.encode(fields)) ?? Data()
        return json.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Reads such a word; nil for any other.
    init?(_ text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let json = Data(base64Encoded: base64), let fields = try? JSONDecoder().decode(Fields.self, from: json),
            let view = UInt64(fields.view, radix: 36), let search = UInt64(fields.search, radix: 36),
            fields.document >= 0,
            fields.values.count <= SortField.most
        else { return nil }
        var values: [SortValue] = []
        for value in fields.values {
            guard let sort = value.sortValue else { return nil }
            values.append(sort)
        }
        self.init(view: view, search: search, place: SearchPlace(values, document: fields.document))
    }

    init(view: UInt64, search: UInt64, place: SearchPlace) {
        self.view = view
        self.search = search
        self.place = place
    }

    /// Longest word, in bytes.
    static let longest = 64 << 10

    private struct Fields: Codable {
        var view: String
        var search: String
        var document: Int
        var values: [WireValue]

        enum CodingKeys: String, CodingKey {
            case view = "v"
            case search = "q"
            case document = "d"
            case values = "s"
        }
    }

    /// A value by its kind; numbers as their bits, which texts carry without loss.
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

        var sortValue: SortValue? {
            switch (kind, text) {
            case ("m", nil): .missing
            case ("i", let text?): Int64(text).map { .integer($0) }
            case ("f", let text?):
                UInt64(text).map { Double(bitPattern: $0) }.flatMap { $0.isNaN ? nil : .float($0) }
            case ("s", let text?):
                UInt32(text).map { Float(bitPattern: $0) }.flatMap { $0.isFinite && $0 >= 0 ? .score($0) : nil }
            case ("t", let text?): .text(Array(text.utf8))
            default: nil
            }
        }
    }
}
