import Searching

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

    /// A way to name a language at the end of a query.
    private struct Phrase {
        /// The beginning of the language's code.
        let code: String
        /// The name with its ending, in UTF-8.
        let bytes: [UInt8]
        /// True if it may follow Chinese without a blank: 红楼梦英文版, but not 新概念英语.
        let mayTouch: Bool
    }

    /// All phrases by their last byte, in the order of preference.
    private static let phrases: [UInt8: [Phrase]] = {
        var all: [Phrase] = []
        for (code, words) in names {
            for word in words {
                for ending in endings {
                    let isLatin = word.utf8.count == word.count
                    let mayTouch = !isLatin && !ending.isEmpty && ending != "书"
                    all.append(Phrase(code: code, bytes: Array((word + ending).utf8), mayTouch: mayTouch))
                }
            }
        }
        return Dictionary(grouping: all) { $0.bytes[$0.bytes.count - 1] }
    }()

    /// Finds the language at the end of a query that has other words; nil if there is none, or if no document is in it.
    init?(_ query: String, _ languages: CatalogLanguages) {
        guard !languages.codes.isEmpty else { return nil }
        let bytes = Array(query.lowercased().utf8)
        guard bytes.count == query.utf8.count, let last = bytes.last, let phrases = Self.phrases[last] else {
            return nil
        }
        for phrase in phrases where bytes.reversed().starts(with: phrase.bytes.reversed()) {
            let before = String(decoding: bytes.dropLast(phrase.bytes.count), as: UTF8.self)
            guard phrase.mayTouch || before.last?.isWhitespace ?? true, !before.trimmed.isEmpty else { continue }
            let codes = languages.codes.filter { code in
                let code = code.lowercased()
                return code == phrase.code || code.hasPrefix(phrase.code + "-")
            }
            guard !codes.isEmpty else { return nil }
            let beginning = Self.beginnings.first { before.hasSuffix($0) } ?? ""
            range = (before.utf8.count - beginning.utf8.count)..<bytes.count
            documents = .or(codes.map { .term(field: languages.field, $0) })
            return
        }
        return nil
    }
}
