import Analyzer
import TestSupport
import Testing

@testable import Indexer
@testable import Searching
@testable import Segments

/// Suggestions against all texts compared one by one.
@Suite struct SuggestionSearchTests {
    private struct Book {
        var title: String
        var author: String
        var sales: Int64?
    }

    /// Books whose titles begin alike, with editions, in several scripts.
    private static func books(_ count: Int, seed: UInt64) -> [Book] {
        let words = ["Harry", "harp", "The", "Potter", "三體", "红楼梦", "编程", "入门", "pot", "Hobbit", "key", "board", "长"]
        let authors = ["余华", "J.K. Rowling", "Tolkien", "曹雪芹"]
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            var title = (0...random.below(3)).map { _ in words[random.below(words.count)] }.joined(separator: " ")
            if random.below(4) == 0 { title += "（精装）" }
            return Book(
                title: title, author: authors[random.below(authors.count)],
                sales: random.below(5) == 0 ? nil : Int64(random.below(100_000)))
        }
    }

    private static let schema = """
        {"key": "id", "fields": [
          {"name": "id", "type": "keyword"}, {"name": "title", "type": "stored"}, {"name": "author", "type": "stored"},
          {"name": "sales", "type": "integer"},
          {"name": "titles", "type": "suggestion", "from": "title", "kind": "title", "weight": "sales"},
          {"name": "authors", "type": "suggestion", "from": "author", "kind": "author"}]}
        """

    /// An index of the books in segments of `segmentSize`.
    private static func reader(
        _ books: [Book], _ home: borrowing TemporaryFolder, segmentSize: Int
    ) throws -> IndexReader {
        let folder = IndexFolder(home.path + "/index")
        let writer = try IndexWriter(folder, .empty(try Schema(json: Array(schema.utf8))))
        for (number, book) in books.enumerated() {
            var document = DocumentBuffer()
            document.append(0, text: "\(number)")
            document.append(1, text: book.title)
            document.append(2, text: book.author)
            if let sales = book.sales { document.append(3, integer: sales) }
            try writer.add(document)
            if (number + 1) % segmentSize == 0 { try writer.commit() }
        }
        try writer.commit()
        return try IndexReader(folder)
    }

    private static let typed = [
        "h", "ha", "harr", "harry po", "harrypo", "har ry", "pot", "hpb", "sant", "san t", "三", "三t", "三体 h", "honglou",
        "hong lou meng", "hlm", "红楼", "紅樓", "bianc", "编程入", "编成", "chang", "zhang", "keyb", "key b", "hraa", "harrt",
        "otter", "parry", "hobit", "hobbbit", "rowl", "j k", "tolkein", "yuh", "x", "the h", "the ", " ", "1", "hatry",
    ]

    @Test(arguments: [(1, 40), (2, 15), (3, 7), (4, 200)])
    func suggestionsAreTheBestOfAllTexts(_ seed: UInt64, _ segmentSize: Int) throws {
        let home = try TemporaryFolder()
        let books = Self.books(70, seed: seed)
        let reader = try Self.reader(books, home, segmentSize: segmentSize)
        var random = SplitMix64(seed: seed)
        let deleted = Set((0..<25).map { _ in random.below(books.count) })
        for (view, gone) in [(reader, Set<Int>()), (try reader.deleting(deleted), deleted)] {
            let naive = NaiveSuggestions(view, deleted: gone) { number in [books[number].title, books[number].author] }
            for typed in Self.typed {
                for limit in [3, 100] {
                    let found = try view.suggestions(for: typed, limit: limit)
                    let expected = naive.scores(typed, limit: limit)
                    #expect(
                        found.map(\.score) == Array(expected.values.sorted(by: >).prefix(limit)), "\(typed), \(limit)")
                    for one in found {
                        #expect(expected[one.text] == one.score, "\(typed), \(limit): \(one)")
                    }
                    #expect(Set(found.map(\.text)).count == found.count)
                    #expect(found.allSatisfy { !$0.documents.isEmpty })
                    #expect(found.allSatisfy { gone.isDisjoint(with: $0.documents.map(\.document)) })
                }
            }
        }
    }

    /// A merge renews weights and leaves out deleted documents, as if the others had been indexed together.
    @Test func mergesKeepSuggestions() throws {
        let home = try TemporaryFolder()
        let books = Self.books(90, seed: 5)
        _ = try Self.reader(books, home, segmentSize: 20)
        let folder = IndexFolder(home.path + "/index")
        let writer = try IndexWriter(folder, .current)
        var batch = WriteBatch()
        for number in stride(from: 0, to: 90, by: 3) { try batch.delete(key: "\(number)") }
        _ = try writer.write(batch)
        try writer.merge(to: 1)
        try writer.commit()
        let merged = try IndexReader(folder)
        let otherHome = try TemporaryFolder()
        let rest = books.indices.filter { $0 % 3 != 0 }
        let rebuilt = try Self.reader(rest.map { books[$0] }, otherHome, segmentSize: 1000)
        for typed in Self.typed {
            #expect(
                try merged.suggestions(for: typed, limit: 20) == rebuilt.suggestions(for: typed, limit: 20), "\(typed)")
        }
        var report = CheckReport()
        SegmentCheck(merged.segments[0], nil, comparingDocuments: true).run(&report)
        #expect(report.problems == [])
    }

    /// Keys whose places cost too much are not compared, however popular their texts are.
    @Test func fewKeysAreCompared() throws {
        let home = try TemporaryFolder()
        let books = (0..<3000).map { number in
            number % 250 == 0
                ? Book(title: "command \(number)", author: "x", sales: 10)
                : Book(title: "b\(number) common", author: "x", sales: 90_000)
        }
        let reader = try Self.reader(books, home, segmentSize: 1000)
        let fields = reader.schema.fields.indices.filter { reader.schema.fields[$0].kind == .title }
        let search = try SuggestionSearch(
            "com", fields: fields, limit: 10, nearMisses: true, reader, SearchBudget(SearchLimits()))
        #expect(try search.suggestions().allSatisfy { $0.text.hasPrefix("command") })
        #expect(search.visited < 30)
    }

    @Test func nothingIsSuggestedAfterTheDeadline() throws {
        let home = try TemporaryFolder()
        let reader = try Self.reader(Self.books(40, seed: 2), home, segmentSize: 10)
        #expect(try !reader.suggestions(for: "h", limits: .init(deadline: .now + .seconds(3600))).isEmpty)
        #expect(try reader.suggestions(for: "h", limits: .init(deadline: .now)).isEmpty)
    }

    @Test func kindsAreSelected() throws {
        let home = try TemporaryFolder()
        let reader = try Self.reader(Self.books(40, seed: 2), home, segmentSize: 100)
        #expect(try reader.suggestions(for: "h", kinds: [.title]).allSatisfy { $0.kind == .title })
        #expect(try reader.suggestions(for: "tolk", kinds: [.title]).isEmpty)
        #expect(try reader.suggestions(for: "tolk", kinds: [.author]).map(\.text) == ["tolkien"])
        #expect(try reader.suggestions(for: "tolk", limit: 0).isEmpty)
    }
}

/// Suggestions by the rules of `SuggestionWalk` and `SuggestionSearch`, applied to every key of every text.
private struct NaiveSuggestions {
    /// A key with its text.
    private struct Key {
        var text: String
        var kind: SuggestionKind
        var start: SuggestionForms.Start
        var rest: [UInt8]
        var score: Int
    }

    private var keys: [Key] = []

    /// The texts of a view, by the numbers of its documents. A text counts in the segments in which it has a document
    /// that is not deleted.
    init(_ reader: IndexReader, deleted: Set<Int>, _ values: (Int) -> [String]) {
        var forms = SuggestionForms()
        for (segment, base) in reader.bases.enumerated() {
            for (field, kind) in [SuggestionKind.title, .author].enumerated() {
                var weights: [String: Double] = [:]
                var live: Set<String> = []
                for document in base..<base + reader.segments[segment].documents {
                    var value = values(document)[field]
                    value.withUTF8 { forms.makeText($0, by: .standard) }
                    let text = String(decoding: forms.text, as: UTF8.self)
                    let key = (try? reader.column(segment, .field(3)))?.key(document - base)
                    let sales = key.map(NumberCodec.integer.number)
                    weights[text] = max(weights[text] ?? 0, kind == .title ? sales ?? 0 : 0)
                    if !deleted.contains(document) { live.insert(text) }
                }
                for text in live {
                    forms.make(text, by: .standard)
                    let score = Int(SuggestionScore.score(weight: weights[text] ?? 0, length: forms.textLength))
                    for key in forms.keys.elements {
                        let rest = forms.bytes.elements[Int(key.offset)...].prefix { $0 != 0 }
                        keys.append(Key(text: text, kind: kind, start: key.start, rest: Array(rest), score: score))
                    }
                }
            }
        }
    }

    /// The best scores of the texts that match, of the steps that are taken for a limit.
    func scores(_ typed: String, limit: Int) -> [String: Int] {
        let text = TypedText(typed, .standard)
        guard !text.text.isEmpty else { return [:] }
        var scores: [String: Int] = [:]
        func offer(_ key: Key, _ cost: Int?) {
            if let cost { scores[key.text] = max(scores[key.text] ?? .min, key.score - cost) }
        }
        for key in keys {
            let cost = MatchCost.match(key.start, key.kind, text)
            offer(key, Self.cost(text.text, 0, key.rest[...], key.start).map { $0 + cost })
        }
        if scores.count < limit || text.isComposing {
            for pinyin in text.pinyin {
                for key in keys where key.start == .pinyin || key.start == .syllable {
                    let bytes = Array(key.text.utf8)
                    let hasCharacters = bytes.indices.contains { bytes[$0...].starts(with: text.characters) }
                    let sound = text.isComposing && hasCharacters ? MatchCost.composed : MatchCost.tier
                    let place = MatchCost.match(key.start == .pinyin ? .beginning : .word, key.kind, text)
                    offer(key, Self.cost(pinyin, 0, key.rest[...], key.start).map { $0 + sound + place })
                }
            }
        }
        let letters = text.text.count { (0x61...0x7A).contains($0) }
        let hasDigit = text.text.contains { (0x30...0x39).contains($0) }
        if scores.count < limit, letters >= 4, !hasDigit {
            for (variant, cost) in Self.edits(text.text) {
                for key in keys where key.rest.starts(with: variant) {
                    offer(key, cost + MatchCost.match(key.start, key.kind, text))
                }
            }
        }
        return scores
    }

    /// The cost of a key that begins with typed text from byte `i` on, blanks aside; nil if it does not begin so.
    private static func cost(
        _ typed: [UInt8], _ i: Int, _ rest: ArraySlice<UInt8>, _ start: SuggestionForms.Start, isBegun: Bool = false
    ) -> Int? {
        if i == typed.count { return 0 }
        var costs: [Int?] = []
        if rest.first == typed[i] { costs.append(cost(typed, i + 1, rest.dropFirst(), start, isBegun: true)) }
        let hasBlanks = ![.pinyin, .syllable, .initials].contains(start)
        let change = hasBlanks && i > 0 && typed[i - 1] < 0x80 && typed[i] < 0x80 ? MatchCost.tier : 0
        if typed[i] == 0x20 {
            costs.append(cost(typed, i + 1, rest, start, isBegun: isBegun).map { max($0, change) })
        } else if isBegun, typed[i - 1] != 0x20, rest.first == 0x20 {
            costs.append(cost(typed, i, rest.dropFirst(), start, isBegun: true).map { max($0, change) })
        }
        return costs.compactMap(\.self).min()
    }

    /// All texts that are one edit of a letter away, with the costs.
    private static func edits(_ typed: [UInt8]) -> [(variant: [UInt8], cost: Int)] {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        var edits: [(variant: [UInt8], cost: Int)] = []
        for i in typed.indices where letters.contains(typed[i]) {
            let cost = MatchCost.tier + (i == 0 ? MatchCost.firstLetter : 0)
            let (before, after) = (typed[..<i], typed[(i + 1)...])
            edits.append((Array(before + after), cost))
            if let next = after.first, letters.contains(next), next != typed[i] {
                edits.append((before + [next, typed[i]] + after.dropFirst(), cost))
            }
            for letter in letters where letter != typed[i] {
                edits.append((before + [letter] + after, cost))
                edits.append((before + [letter] + typed[i...], cost))
            }
        }
        return edits
    }
}
