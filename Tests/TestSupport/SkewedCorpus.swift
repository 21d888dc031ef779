import Analyzer
package import Segments

/// Many short documents of few words, so that lists have dozens of blocks and most of them can be skipped.
///
/// There are words in nearly every document, in runs of consecutive ones and in a few far apart; words that occur
/// hundreds of times in a document; texts that many documents share; ranges of documents with short or long texts, and
/// ranges in which a word is frequent.
package struct SkewedCorpus: Sendable, IndexableCorpus {
    /// The text of each document.
    package let texts: [String]
    /// The keyword of each document; empty for none.
    package let colors: [String]

    /// The names of the text fields.
    package static let textFields: Set<String> = ["t"]

    /// The schema of the documents.
    package func indexSchema() throws -> Schema { try Self.schema() }

    /// The schema of every skewed corpus.
    package static func schema() throws -> Schema {
        try Schema(
            key: "id",
            fields: [
                Field("id", .keyword), Field("t", .text, analyzer: "peers", stored: false), Field("k", .keyword),
            ])
    }

    /// `count` documents that depend only on the arguments.
    package init(seed: UInt64, count: Int) {
        var random = SplitMix64(seed: seed)
        let pool = (0..<12).map { _ in Self.words(1 + random.below(9), &random).joined(separator: " ") }
        texts = (0..<count).map { number in
            random.chance(number / 700 % 5 == 1 ? 80 : 2) ? random.pick(pool) : Self.text(number, &random)
        }
        colors = (0..<count).map { _ in random.pick(["", "red", "red", "green", "blue"]) }
    }

    /// The number of documents.
    package var count: Int { texts.count }

    private static func words(_ count: Int, _ random: inout SplitMix64) -> [String] {
        (0..<count).map { _ in "w\(random.skewed(below: 70))" }
    }

    private static func text(_ number: Int, _ random: inout SplitMix64) -> String {
        // Some ranges of documents have short texts, others long ones.
        var words = Self.words(random.skewed(below: number / 1500 % 4 == 3 ? 5 : 40) + (number / 500 % 3) * 6, &random)
        if random.chance(1) { words += Self.words(random.below(500), &random) }
        if random.chance(97) { words.append("most") }
        // A third of the documents, in ranges of 1,600.
        if number / 1600 % 3 == 1 { words.insert("run", at: 0) }
        // Frequent in one part of the corpus, once or never elsewhere.
        let times = number / 2500 % 4 == 2 ? random.below(9) : random.chance(30) ? 1 : 0
        for _ in 0..<times { words.insert("tide", at: random.below(words.count + 1)) }
        if number % 611 == 5 { words += Array(repeating: "burst", count: 1 + random.below(400)) }
        if random.chance(3) { words += ["seldom", "w1"] }
        if number == 17 { words.append("once") }
        return words.joined(separator: " ")
    }

    /// Writes a document into a buffer, as the input scanner does.
    package func write(_ number: Int, into buffer: inout DocumentBuffer, _ members: Members) {
        buffer.reset()
        buffer.append(0, text: "\(number)")
        buffer.append(1, text: texts[number])
        if !colors[number].isEmpty { buffer.append(2, text: colors[number]) }
    }

    /// The same documents in the naive index.
    package var naive: NaiveIndex {
        NaiveIndex(
            zip(texts, colors).map { text, color in
                var document = NaiveDocument()
                document.tokens["t"] = NaiveDocument.tokens([text], .peers)
                document.keywords["k"] = color.isEmpty ? [] : [Array(color.utf8)]
                return document
            }, textFields: Self.textFields)
    }
}
