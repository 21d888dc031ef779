import Analyzer
import Foundation
package import Segments

/// Documents of a fixed schema with random content, which includes every shape that has ever broken a search engine.
package struct RandomCorpus: Sendable, IndexableCorpus {
    /// A document before analysis.
    package struct Document: Sendable, Equatable {
        /// The key.
        package var id: String
        /// A short text; equal titles are frequent.
        package var title: String?
        /// Long texts, several or none.
        package var body: [String]
        /// Keywords, several or none.
        package var tags: [String]
        /// A keyword.
        package var color: String?
        /// A whole number.
        package var year: Int64?
        /// A floating-point number.
        package var price: Double?
        /// A text that is only stored.
        package var note: String?
        /// True or false.
        package var available: Bool?
        /// A date as text.
        package var added: String?
        /// The milliseconds since 1970 that `added` stands for.
        package var addedTimestamp: Int64 = 0
        /// An amount of money.
        package var cost: Double?
        /// Paths in a hierarchy, several or none.
        package var shelf: [String] = []
        /// A keyword inside an object.
        package var origin: String?
    }

    /// The documents; their indexes are their ids.
    package let documents: [Document]
    /// The fields of this corpus: all fields, or some of them in another order and with other options.
    package private(set) var fields = Self.fields

    /// All fields: two analyses of one member, a text of several values, keywords, numbers, stored text.
    package static let fields = [
        Field("id", .keyword),
        Field("title", .text),
        Field("plain", .text, from: "title", analyzer: "peers"),
        Field("body", .text, multiple: true),
        Field("tags", .keyword, multiple: true),
        Field("color", .keyword),
        Field("year", .integer),
        Field("price", .float),
        Field("note", .stored),
        Field("available", .boolean),
        Field("added", .date),
        Field("cost", .price, currency: "CNY"),
        Field("shelf", .keyword, multiple: true, separator: "/"),
        Field("origin", .keyword, from: "made.in"),
        Field("role", .keyword, from: "tags", multiple: true, prefix: "role::"),
        Field("words", .vocabulary, from: "title"),
        Field("suggested", .suggestion, from: "title", kind: .title, weight: "year"),
    ]
    /// The names of the number fields.
    package static let numberFields = ["year", "price", "available", "added", "cost"]
    /// The names of the keyword fields, without the key.
    package static let keywordFields = ["tags", "color", "shelf", "origin", "role"]
    /// The names of the text fields.
    package static let textFields: Set<String> = ["title", "plain", "body"]

    /// The schema of `fields`.
    package static func schema() throws -> Schema { try Schema(key: "id", fields: fields) }
    /// The schema of this corpus.
    package func indexSchema() throws -> Schema { try Schema(key: "id", fields: fields) }
    /// The names of this corpus's number fields.
    package var numberFields: [String] { fields.filter(\.hasNumbers).map(\.name) }
    /// The names of this corpus's keyword fields, without the key.
    package var keywordFields: [String] { fields.filter { $0.type == .keyword && $0.name != "id" }.map(\.name) }

    /// The same documents with a random schema: some of the fields, at least one of each kind, in random order and with
    /// random analyzers, separators, prefixes and storage.
    package func withRandomSchema(seed: UInt64) -> RandomCorpus {
        var random = SplitMix64(seed: seed)
        var other = self
        let keywords = Self.keywordFields.shuffled(using: &random).prefix(1 + random.below(Self.keywordFields.count))
        let numbers = Self.numberFields.shuffled(using: &random).prefix(1 + random.below(Self.numberFields.count))
        other.fields = Self.fields.filter { field in
            field.type == .text || field.name == "id" || keywords.contains(field.name) || numbers.contains(field.name)
                || field.type == .stored && random.chance(50)
        }.map { field in
            var field = field
            if field.name != "id" { field.stored = random.chance(60) }
            if field.type == .text { field.analyzer = random.pick(["default", "peers"]) }
            if field.type == .price { field.currency = random.pick(["CNY", "USD", "EUR"]) }
            guard field.type == .keyword, field.name != "id" else { return field }
            field.separator = random.pick([nil, nil, "/", "::", " ", "e", "a"])
            field.prefix = random.pick([nil, nil, "r", "role::", "tag", "文学/"])
            return field
        }.shuffled(using: &random)
        return other
    }

    /// The number of documents.
    package var count: Int { documents.count }

    /// Writes a document into a buffer, as the input scanner does.
    package func write(_ number: Int, into buffer: inout DocumentBuffer, _ members: Members) {
        documents[number].write(into: &buffer, members)
    }

    private static let tags = [
        "red", "blue", "café", "cafe\u{301}", "\"quoted\"", "a\u{0}b", "a", "a ", "line\nbreak", "🎉", "\u{10FFFF}",
        "role::", "role::plugin", "role::app/ui", "rôle::x",
        "\u{FFFD}", "豈", "\u{F900}", String(repeating: "long", count: 90), "Red",
    ]

    /// `count` documents that depend only on the arguments.
    package init(seed: UInt64, count: Int, _ alphabet: Alphabet = .ascii, vocabulary: Int = 1500) {
        var random = SplitMix64(seed: seed)
        let text = RandomText(alphabet, vocabulary: vocabulary, using: &random)
        let titles = (0..<5).map { _ in text.text(3, using: &random) }
        documents = (0..<count).map { number in
            var document = Document(
                id: Self.id(number, &random),
                title: random.chance(90)
                    ? random.chance(30) ? random.pick(titles) : text.text(random.below(9), using: &random) : nil,
                body: Self.body(text, &random),
                tags: (0..<max(random.below(6) - 2, 0)).map { _ in
                    random.chance(60)
                        ? Self.tags[random.skewed(below: Self.tags.count)] : "tag\(random.skewed(below: 200))"
                },
                color: random.chance(80) ? random.pick(["red", "green", "blue", "", "épi", "e\u{301}pi"]) : nil,
                year: random.chance(85) ? Self.year(&random) : nil,
                price: random.chance(85) ? Self.price(&random) : nil,
                note: random.chance(50) ? text.text(random.below(4), using: &random) : nil)
            document.addMore(using: &random)
            return document
        }
    }

    /// A number of days since 1970-01-01 as a date, such as 2021-03-04.
    static func day(_ number: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(number) * 86_400)
        let parts = NaiveValues.calendar.dateComponents([.year, .month, .day], from: date)
        func digits(_ value: Int?, _ count: Int) -> String {
            let text = "\(value ?? 0)"
            return String(repeating: "0", count: max(count - text.count, 0)) + text
        }
        return digits(parts.year, 4) + "-" + digits(parts.month, 2) + "-" + digits(parts.day, 2)
    }

    private static func id(_ number: Int, _ random: inout SplitMix64) -> String {
        random.pick(["", "key-", "a long beginning of keys/", "書"]) + String(number)
            + random.pick(["", " ", "é", "e\u{301}"])
    }

    private static func body(_ text: RandomText, _ random: inout SplitMix64) -> [String] {
        if random.chance(10) { return [] }
        if random.chance(1) { return [text.text(100 + random.below(300), using: &random)] }
        return (0...random.skewed(below: 4)).map { _ in text.text(random.below(14), using: &random) }
    }

    private static func year(_ random: inout SplitMix64) -> Int64 {
        switch random.below(10) {
        case 0: random.pick([Int64.min, Int64.min + 1, -1, 0, 1, Int64.max - 1, Int64.max])
        case 1: -Int64(random.below(3000))
        default: 1990 + Int64(random.below(40))
        }
    }

    private static func price(_ random: inout SplitMix64) -> Double {
        switch random.below(10) {
        case 0:
            random.pick([-1e300, 1e300, Double.leastNonzeroMagnitude, -Double.leastNonzeroMagnitude, 0.1, 1e15, -0.5])
        case 1: -Double(random.below(100)) - 0.25
        default: Double(random.below(500)) + 0.99
        }
    }

    /// The same documents in the naive index.
    package var naive: NaiveIndex {
        NaiveIndex(documents.map(analyzed), textFields: Self.textFields)
    }

    private func analyzed(_ document: Document) -> NaiveDocument {
        var naive = NaiveDocument()
        for field in fields {
            switch field.type {
            case .text:
                let texts = field.from == "body" ? document.body : document.title.map { [$0] } ?? []
                naive.tokens[field.name] = NaiveDocument.tokens(texts, field.analyzer == "peers" ? .peers : .standard)
            case .keyword: naive.keywords[field.name] = document.keywords(field.from).flatMap { Self.terms($0, field) }
            case .integer: naive.numbers[field.name] = document.year.map { .integer($0) }
            case .float: naive.numbers[field.name] = document.price.map { .float($0) }
            case .boolean: naive.numbers[field.name] = document.available.map { .integer($0 ? 1 : 0) }
            case .date: if document.added != nil { naive.numbers[field.name] = .timestamp(document.addedTimestamp) }
            case .price: naive.numbers[field.name] = document.cost.map { .hundredths(Int64(($0 * 100).rounded())) }
            case .stored, .suggestion, .vocabulary: break
            }
        }
        return naive
    }
}

extension RandomCorpus {
    /// The terms that a keyword field derives from a value.
    private static func terms(_ value: String, _ field: Field) -> [TermBytes] {
        guard value.utf8.starts(with: (field.prefix ?? "").utf8) else { return [] }
        let bytes = Array(value.utf8.dropFirst((field.prefix ?? "").utf8.count))
        return field.separator.map { levels(bytes, Array($0.utf8)) } ?? [bytes]
    }

    /// A path in a hierarchy and the levels above it that have a name.
    static func levels(_ path: TermBytes, _ separator: TermBytes) -> [TermBytes] {
        var parts: [TermBytes] = [[]]
        var remaining = path[...]
        while !remaining.isEmpty {
            if remaining.starts(with: separator) {
                parts.append([])
                remaining = remaining.dropFirst(separator.count)
            } else {
                parts[parts.count - 1].append(remaining.removeFirst())
            }
        }
        let above = (1..<max(parts.count, 1)).filter { !parts[$0 - 1].isEmpty }.map {
            Array(parts.prefix($0).joined(separator: separator))
        }
        // A separator at the very end does not start another level.
        let endsWithSeparator = parts.last == [] && !above.isEmpty && !parts[parts.count - 2].isEmpty
        return (endsWithSeparator ? above.dropLast() : above) + [path]
    }
}

extension RandomCorpus.Document {
    fileprivate mutating func addMore(using random: inout SplitMix64) {
        available = random.chance(80) ? random.chance(60) : nil
        if random.chance(80) {
            let days = Int64(random.chance(90) ? 14_000 + random.below(6000) : random.below(60_000) - 30_000)
            let minutes = random.chance(40) ? Int64(random.below(1440)) : 0
            added = RandomCorpus.day(days)
            addedTimestamp = days * 86_400_000 + minutes * 60_000
            if minutes > 0 {
                let (hour, minute) = (minutes / 60, minutes % 60)
                added? +=
                    "T\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
                    + random.pick(["", "Z", "+00:00"])
            }
        }
        cost = random.chance(80) ? Double(random.below(20_000) - 500) / 100 : nil
        shelf = (0..<max(random.below(4) - 1, 0)).map { _ in
            let parts = (0...random.below(4)).map { _ in random.pick(["文学", "小说", "a", "b", "a b", ""]) }
            return parts.joined(separator: "/")
        }.filter { !$0.isEmpty }
        origin = random.chance(50) ? random.pick(["中国", "France", "日本", "/"]) : nil
    }

    /// The texts of a keyword member.
    fileprivate func keywords(_ member: String) -> [String] {
        switch member {
        case "id": [id]
        case "tags": tags
        case "color": color.map { [$0] } ?? []
        case "shelf": shelf
        default: origin.map { [$0] } ?? []
        }
    }

    /// Writes the members that the schema has.
    fileprivate func write(into buffer: inout DocumentBuffer, _ members: Members) {
        buffer.reset()
        func with(_ name: String, _ body: (Int) -> Void) {
            if let member = members.number(of: name) { body(member) }
        }
        with("id") { buffer.append($0, text: id) }
        if let title { with("title") { buffer.append($0, text: title) } }
        for text in body { with("body") { buffer.append($0, text: text) } }
        for tag in tags { with("tags") { buffer.append($0, text: tag) } }
        if let color { with("color") { buffer.append($0, text: color) } }
        if let year { with("year") { buffer.append($0, integer: year) } }
        if let price { with("price") { buffer.append($0, float: price) } }
        if let note { with("note") { buffer.append($0, text: note) } }
        if let available { with("available") { buffer.append($0, boolean: available) } }
        if let added { with("added") { buffer.append($0, text: added) } }
        if let cost { with("cost") { buffer.append($0, float: cost) } }
        for path in shelf { with("shelf") { buffer.append($0, text: path) } }
        if let origin { with("made.in") { buffer.append($0, text: origin) } }
    }

    /// Returns true if a stored document equals this one: the same members in the order of the schema, the same bytes.
    package func equals(_ stored: StoredDocument) -> Bool {
        var members: [(name: String, value: StoredValue)] = [("id", .text(id))]
        if let title { members.append(("title", .text(title))) }
        if !body.isEmpty { members.append(("body", .list(body.map { .text($0) }))) }
        if !tags.isEmpty { members.append(("tags", .list(tags.map { .text($0) }))) }
        if let color { members.append(("color", .text(color))) }
        if let year { members.append(("year", .integer(year))) }
        if let price { members.append(("price", .float(price))) }
        if let note { members.append(("note", .text(note))) }
        if let available { members.append(("available", .boolean(available))) }
        if let added { members.append(("added", .text(added))) }
        if let cost { members.append(("cost", .float(cost))) }
        if !shelf.isEmpty { members.append(("shelf", .list(shelf.map { .text($0) }))) }
        if let origin { members.append(("made.in", .text(origin))) }
        return members.elementsEqual(stored.members) { $0.name == $1.name && areSameBytes($0.value, $1.value) }
    }
}

/// Returns true if two values have the same bytes; canonically equivalent texts are different.
private func areSameBytes(_ a: StoredValue, _ b: StoredValue) -> Bool {
    switch (a, b) {
    case (.text(let x), .text(let y)): x.utf8.elementsEqual(y.utf8)
    case (.integer(let x), .integer(let y)): x == y
    case (.float(let x), .float(let y)): x.bitPattern == y.bitPattern
    case (.boolean(let x), .boolean(let y)): x == y
    case (.list(let x), .list(let y)): x.elementsEqual(y, by: areSameBytes)
    default: false
    }
}
