import Searching
import Segments

/// A language that a query asks for: 小王子 英文版, "harry potter in german".
struct LanguageMention {
    /// The range of the words that name the language, in bytes of the query.
    let range: Range<Int>
    /// The documents in the language.
    let documents: Query

    /// The words for a language by the beginning of its code.
    private static let names: [(code: String, words: [String])] = [
        ("zh-hans", ["简体中文", "简体", "简体字", "simplified chinese"]),
        ("zh-hant", ["繁体中文", "繁体", "繁體中文", "繁體", "traditional chinese"]),
        ("zh", ["中文", "汉语", "華語", "chinese"]), ("en", ["英文", "英语", "英語", "english"]),
        ("ja", ["日文", "日语", "日語", "japanese"]), ("ko", ["韩文", "韩语", "韓文", "korean"]),
        ("fr", ["法文", "法语", "法語", "french"]), ("de", ["德文", "德语", "德語", "german"]),
        ("es", ["西班牙文", "西班牙语", "spanish"]), ("ru", ["俄文", "俄语", "俄語", "russian"]),
        ("it", ["意大利文", "意大利语", "italian"]), ("pt", ["葡萄牙文", "葡萄牙语", "portuguese"]),
        ("ar", ["阿拉伯文", "阿拉伯语", "arabic"]),
    ]
    /// The words after that of a language.
    private static let endings = ["原版", "版本", "版", "书", "原著", " edition", " version", " book", " books", ""]
    /// The words before that of a language.
    private static let beginnings = [" in ", " ", ""]

    /// Finds the language at the end of a query that has other words; nil if there is none, or if no document is in it.
    ///
    /// Errors: `corrupt` of the index.
    init?(_ query: String, _ reader: IndexReader) throws(IndexError) {
        let fields = reader.schema.fields.filter { $0.type == .keyword && MemberRole($0.from) == .language }
        guard let field = fields.first else { return nil }
        let text = query.lowercased()
        guard text.utf8.count == query.utf8.count else { return nil }
        for (code, words) in Self.names {
            for word in words {
                for ending in Self.endings where text.hasSuffix(word + ending) {
                    let before = text.dropLast(word.count + ending.count)
                    // A word of Chinese may follow other Chinese only with an ending: 红楼梦英文版, but not 新概念英语.
                    let isApart = before.last?.isWhitespace ?? true
                    let isLatin = word.utf8.count == word.count
                    guard isApart || !isLatin && !ending.isEmpty && ending != "书", !String(before).trimmed.isEmpty else { continue }
                    let beginning = Self.beginnings.first { before.hasSuffix($0) } ?? ""
                    let codes = try reader.completions(field.name, of: "", limit: 100).map(\.term)
                        .filter { $0.lowercased() == code || $0.lowercased().hasPrefix(code + "-") }
                    guard !codes.isEmpty else { return nil }
                    range = (before.utf8.count - beginning.utf8.count)..<text.utf8.count
                    documents = .or(codes.map { .term(field: field.name, $0) })
                    return
                }
            }
        }
        return nil
    }
}
