import Indexer
import OracleSupport

/// What an index should hold, kept the plain way: a dictionary.
struct ShopModel: Equatable, Sendable {
    struct Good: Equatable, Sendable {
        var text: String
        var tag: String
        var price: Int64?
        var version: Int?
    }

    /// A change and how it is put into a batch.
    enum Change: Sendable {
        case put(String, Good, version: Int?)
        case delete(String, version: Int?)
        case price(String, Int64?, version: Int?)

        /// The change if it puts a good, without its version.
        var unversionedPut: Change? {
            if case .put(let key, let good, _) = self { .put(key, good, version: nil) } else { nil }
        }

        var key: String {
            switch self {
            case .put(let key, _, _), .delete(let key, _), .price(let key, _, _): key
            }
        }
    }

    private(set) var goods: [String: Good] = [:]
    private(set) var tombstones: [String: Int] = [:]

    init(goods: [String: Good] = [:]) { self.goods = goods }

    static func schema() throws -> Schema {
        try Schema(
            key: "id",
            fields: [Field("id", .keyword), Field("text", .text), Field("tag", .keyword), Field("price", .integer)])
    }

    /// Does a change; answers what should become of it.
    mutating func apply(_ change: Change) -> WriteOutcome {
        switch change {
        case .put(let key, var good, let version):
            let known = goods[key] == nil ? tombstones[key] : goods[key]?.version
            if let version, let known, version <= known { return .stale(version: known) }
            let isNew = goods[key] == nil
            good.version = version ?? known
            goods[key] = good
            tombstones[key] = nil
            return isNew ? .created : .updated
        case .delete(let key, let version):
            let known = goods[key] == nil ? tombstones[key] : goods[key]?.version
            if let version, let known, version <= known { return .stale(version: known) }
            if let version { tombstones[key] = version }
            return goods.removeValue(forKey: key) == nil ? .missing : .deleted
        case .price(let key, let price, let version):
            let known = goods[key] == nil ? tombstones[key] : goods[key]?.version
            if let version, let known, version <= known { return .stale(version: known) }
            guard goods[key] != nil else { return .missing }
            goods[key]?.price = price
            if let version { goods[key]?.version = version }
            return .patched
        }
    }

    private static func fill(_ document: inout DocumentBuffer, _ key: String, _ good: Good) {
        document.reset()
        document.append(0, text: key)
        document.append(1, text: good.text)
        document.append(2, text: good.tag)
        if let price = good.price { document.append(3, integer: price) }
    }

    /// The document of a change that puts a good.
    static func document(_ change: Change) -> DocumentBuffer {
        var document = DocumentBuffer()
        if case .put(let key, let good, _) = change { fill(&document, key, good) }
        return document
    }

    /// A batch for the engine.
    static func batch(_ changes: [Change], _ members: Members) throws -> WriteBatch {
        var batch = WriteBatch()
        var document = DocumentBuffer()
        for change in changes {
            switch change {
            case .put(let key, let good, let version):
                fill(&document, key, good)
                try batch.put(document, members, version: version)
            case .delete(let key, let version): try batch.delete(key: key, version: version)
            case .price(let key, let price, let version):
                try batch.patch(key: key, [("price", price.map { .integer($0) })], members, version: version)
            }
        }
        return batch
    }

    /// Random changes of a small shop, so that keys are hit again and again.
    static func changes(_ count: Int, _ random: inout SplitMix64, prefix: String = "g") -> [Change] {
        (0..<count).map { _ in
            let key = "\(prefix)\(random.below(40))"
            let version: Int? = random.chance(30) ? random.below(200) : nil
            switch random.below(10) {
            case 0...5:
                let words = (0...random.below(6)).map { _ in "w\(random.below(12))" }
                let good = Good(
                    text: words.joined(separator: " "), tag: "t\(random.below(4))",
                    price: random.chance(80) ? Int64(random.below(1000)) : nil)
                return .put(key, good, version: version)
            case 6, 7: return .delete(key, version: version)
            default: return .price(key, random.chance(85) ? Int64(random.below(1000)) : nil, version: version)
            }
        }
    }

    /// The first thing in which a view of the index differs; nil when nothing does.
    func difference(from reader: IndexReader) throws -> String? {
        var found: [String: Good] = [:]
        for hit in try reader.search(Search(.all, limit: 10_000)).hits {
            let stored = try reader.document(hit.document)
            guard case .text(let key)? = stored["id"], case .text(let text)? = stored["text"],
                case .text(let tag)? = stored["tag"]
            else { return "a document without key, text or tag" }
            if found[key] != nil { return "\(key) is there twice" }
            var price: Int64?
            if case .integer(let value)? = stored["price"] { price = value }
            found[key] = Good(text: text, tag: tag, price: price, version: try reader.version(hit.document))
            if try reader.find(key: key) != hit.document { return "\(key) is not found by its key" }
        }
        if found != goods {
            let keys = Set(found.keys).union(goods.keys).sorted()
            let first = keys.first { found[$0] != goods[$0] } ?? ""
            let (is_, wanted) = (found[first], goods[first])
            return "\(first) is \(is_.map { "\($0)" } ?? "missing"), not \(wanted.map { "\($0)" } ?? "missing")"
        }
        return try wordDifference(from: reader) ?? orderDifference(from: reader)
    }

    private func wordDifference(from reader: IndexReader) throws -> String? {
        for number in 0..<12 {
            let word = "w\(number)"
            let expected = goods.values.count { $0.text.split(separator: " ").contains(Substring(word)) }
            let total = try reader.search(Search(.term(field: "text", word), limit: 0)).total
            if total != expected { return "\(word) is found in \(total ?? -1), not \(expected)" }
        }
        let facets = try reader.search(Search(.all, limit: 0, facets: [FacetRequest("tag")])).facets
        for value in facets.first?.values ?? [] {
            let expected = goods.values.count { $0.tag == value.value }
            if value.count != expected { return "\(value.value) counts \(value.count), not \(expected)" }
        }
        return nil
    }

    private func orderDifference(from reader: IndexReader) throws -> String? {
        let hits = try reader.search(Search(.all, limit: 10_000, order: .field("price", ascending: true))).hits
        let prices = try hits.map { hit -> Int64? in
            if case .integer(let value)? = try reader.document(hit.document)["price"] { value } else { nil }
        }
        let sorted = goods.values.compactMap(\.price).sorted()
        let wanted = sorted.map { Int64?.some($0) } + Array(repeating: nil, count: goods.count - sorted.count)
        return prices == wanted ? nil : "the order by price is \(prices), not \(wanted)"
    }
}
