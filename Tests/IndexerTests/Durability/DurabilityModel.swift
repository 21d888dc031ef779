import Indexer
import Searching
import Segments
import TestSupport

/// The expected state of an index, in a dictionary.
struct DurabilityModel: Equatable, Sendable {
    /// The fields of a document.
    struct Fields: Equatable, Sendable {
        var text: String
        var tag: String
        var price: Int64?
        var version: Int?
    }

    /// A change of the script.
    enum Change: Sendable {
        case put(String, Fields, version: Int?)
        case create(String, Fields, version: Int?)
        case delete(String, version: Int?)
        case price(String, Int64?, version: Int?)
        case text(String, String, tag: String?, version: Int?)

        /// The change without its version if it puts a document.
        var unversionedPut: Change? {
            if case .put(let key, let fields, _) = self { .put(key, fields, version: nil) } else { nil }
        }

        var key: String {
            switch self {
            case .put(let key, _, _), .create(let key, _, _), .delete(let key, _), .price(let key, _, _),
                .text(let key, _, _, _):
                key
            }
        }
    }

    private(set) var documents: [String: Fields] = [:]
    private(set) var tombstones: [String: Int] = [:]

    init(documents: [String: Fields] = [:]) { self.documents = documents }

    static func schema() throws -> Schema {
        try Schema(
            key: "id",
            fields: [Field("id", .keyword), Field("text", .text), Field("tag", .keyword), Field("price", .integer)])
    }

    /// Applies a change; returns the expected outcome.
    mutating func apply(_ change: Change) -> WriteOutcome {
        switch change {
        case .create(let key, let fields, let version):
            return documents[key] == nil ? apply(.put(key, fields, version: version)) : .exists
        case .put(let key, var fields, let version):
            let currentVersion = documents[key] == nil ? tombstones[key] : documents[key]?.version
            if let version, let currentVersion, version <= currentVersion { return .stale(version: currentVersion) }
            let isNew = documents[key] == nil
            fields.version = version ?? currentVersion
            documents[key] = fields
            tombstones[key] = nil
            return isNew ? .created : .updated
        case .delete(let key, let version):
            let currentVersion = documents[key] == nil ? tombstones[key] : documents[key]?.version
            if let version, let currentVersion, version <= currentVersion { return .stale(version: currentVersion) }
            if let version { tombstones[key] = version }
            return documents.removeValue(forKey: key) == nil ? .missing : .deleted
        case .price(let key, let price, let version):
            let currentVersion = documents[key] == nil ? tombstones[key] : documents[key]?.version
            if let version, let currentVersion, version <= currentVersion { return .stale(version: currentVersion) }
            guard documents[key] != nil else { return .missing }
            documents[key]?.price = price
            if let version { documents[key]?.version = version }
            return .patched
        case .text(let key, let text, let tag, let version):
            let currentVersion = documents[key] == nil ? tombstones[key] : documents[key]?.version
            if let version, let currentVersion, version <= currentVersion { return .stale(version: currentVersion) }
            guard documents[key] != nil else { return .missing }
            documents[key]?.text = text
            if let tag { documents[key]?.tag = tag }
            if let version { documents[key]?.version = version }
            return .patched
        }
    }

    private static func fill(_ document: inout DocumentBuffer, _ key: String, _ fields: Fields) {
        document.reset()
        document.append(0, text: key)
        document.append(1, text: fields.text)
        document.append(2, text: fields.tag)
        if let price = fields.price { document.append(3, integer: price) }
    }

    /// Returns the document of a change that puts one.
    static func document(_ change: Change) -> DocumentBuffer {
        var document = DocumentBuffer()
        if case .put(let key, let fields, _) = change { fill(&document, key, fields) }
        return document
    }

    /// Returns the batch of some changes.
    static func batch(_ changes: [Change], _ members: Members) throws -> WriteBatch {
        var batch = WriteBatch()
        var document = DocumentBuffer()
        for change in changes {
            switch change {
            case .put(let key, let fields, let version):
                fill(&document, key, fields)
                try batch.put(document, members, version: version)
            case .create(let key, let fields, let version):
                fill(&document, key, fields)
                try batch.put(document, members, version: version, onlyNew: true)
            case .delete(let key, let version): try batch.delete(key: key, version: version)
            case .price(let key, let price, let version):
                try batch.patch(key: key, [("price", price.map { .integer($0) })], members, version: version)
            case .text(let key, let text, let tag, let version):
                let values = [("text", StoredValue.text(text))] + (tag.map { [("tag", .text($0))] } ?? [])
                try batch.patch(key: key, values.map { ($0, $1) }, members, version: version)
            }
        }
        return batch
    }

    /// Returns random changes to a few documents, so that keys are hit again and again.
    static func changes(_ count: Int, _ random: inout SplitMix64, prefix: String = "g") -> [Change] {
        (0..<count).map { _ in
            let key = "\(prefix)\(random.below(40))"
            let version: Int? = random.chance(30) ? random.below(200) : nil
            switch random.below(10) {
            case 0...5:
                let fields = Fields(
                    text: words(&random), tag: "t\(random.below(4))",
                    price: random.chance(80) ? Int64(random.below(1000)) : nil)
                return random.chance(15)
                    ? .create(key, fields, version: version) : .put(key, fields, version: version)
            case 6, 7: return .delete(key, version: version)
            case 8:
                let tag = random.chance(50) ? "t\(random.below(4))" : nil
                return .text(key, words(&random), tag: tag, version: version)
            default: return .price(key, random.chance(85) ? Int64(random.below(1000)) : nil, version: version)
            }
        }
    }

    private static func words(_ random: inout SplitMix64) -> String {
        (0...random.below(6)).map { _ in "w\(random.below(12))" }.joined(separator: " ")
    }

    /// Returns the first difference between a view of the index and this state; nil when there is none.
    func difference(from reader: IndexReader) throws -> String? {
        var actualDocuments: [String: Fields] = [:]
        for hit in try reader.search(Search(.all, limit: 10_000)).hits {
            let stored = try reader.document(hit.document)
            guard case .text(let key)? = stored["id"], case .text(let text)? = stored["text"],
                case .text(let tag)? = stored["tag"]
            else { return "a document without key, text or tag" }
            if actualDocuments[key] != nil { return "\(key) is there twice" }
            var price: Int64?
            if case .integer(let value)? = stored["price"] { price = value }
            actualDocuments[key] = Fields(text: text, tag: tag, price: price, version: try reader.version(hit.document))
            if try reader.find(key: key) != hit.document { return "\(key) is not found by its key" }
        }
        if actualDocuments != documents {
            let keys = Set(actualDocuments.keys).union(documents.keys).sorted()
            let first = keys.first { actualDocuments[$0] != documents[$0] } ?? ""
            let (actual, expected) = (actualDocuments[first], documents[first])
            return "\(first) is \(actual.map { "\($0)" } ?? "missing"), not \(expected.map { "\($0)" } ?? "missing")"
        }
        return try wordDifference(from: reader) ?? orderDifference(from: reader)
    }

    private func wordDifference(from reader: IndexReader) throws -> String? {
        for number in 0..<12 {
            let word = "w\(number)"
            let expected = documents.values.count { $0.text.split(separator: " ").contains(Substring(word)) }
            let total = try reader.search(Search(.term(field: "text", word), limit: 0)).total
            if total != expected { return "\(word) is found in \(total ?? -1), not \(expected)" }
        }
        let facets = try reader.search(Search(.all, limit: 0, facets: [FacetRequest("tag")])).facets
        for value in facets.first?.values ?? [] {
            let expected = documents.values.count { $0.tag == value.value }
            if value.count != expected { return "\(value.value) counts \(value.count), not \(expected)" }
        }
        return nil
    }

    private func orderDifference(from reader: IndexReader) throws -> String? {
        let hits = try reader.search(Search(.all, limit: 10_000, order: .field("price", ascending: true))).hits
        let prices = try hits.map { hit -> Int64? in
            if case .integer(let value)? = try reader.document(hit.document)["price"] { value } else { nil }
        }
        let sorted = documents.values.compactMap(\.price).sorted()
        let expected = sorted.map { Int64?.some($0) } + Array(repeating: nil, count: documents.count - sorted.count)
        return prices == expected ? nil : "the order by price is \(prices), not \(expected)"
    }
}
