import Searching
import Segments

/// The words of a query that ask for something without saying what: 有没有, 推荐几本, 关于…的书, "what is", "books about".
///
/// A list only proposes them; the catalog decides. Where one of them stands in a title beside the same neighbor as in
/// the query, it is a part of a title: 谁动了我的奶酪, "The Book Thief".
struct RequestWords {
    /// The ranges of the words, in bytes of the query, ascending and without overlaps.
    private(set) var ranges: [Range<Int>] = []

    /// Chinese expressions, which may stand anywhere in a run of characters.
    private static let chinese: [Character: [[Character]]] = {
        let texts = """
            有没有 有什么 有哪些 有谁 谁有 是什么 什么是 什么 哪些 哪本 哪一本 哪部 哪种 哪个 哪里有 谁 谁写的 谁的 怎么 怎么样 如何 怎样 为什么 \
            为何 推荐 推荐几本 推荐一本 推荐一些 推荐一下 求推荐 几本 一本 一些 几部 关于 有关 相关 的书 的书籍 的小说 方面的书 之类的书 类的书 \
            类书籍 这本书 那本书 书籍 图书 请问 请 想找 想看 想买 我想 我要 我想要 我想看 我想买 我想找 给我 帮我 帮我找 求 找 找一本 找几本 买 \
            好看的 好看吗 好书 值得看的 值得一读的 最好的 适合 介绍 介绍一下 吗 呢 啊 吧 的 了 讲 讲述 写的 作者是谁 哪里买 哪里可以买 多少钱 \
            怎么读 本书 书单 有哪些书 什么书 哪些书 電子書 有沒有 什麼 是什麼 有什麼 哪裡 怎麼 怎麼樣 為什麼 推薦 推薦幾本 推薦一本 幾本 關於 \
            有關 相關 的書 書籍 圖書 請問 請 想買 幫我 找書 好看嗎 介紹 嗎 寫的
            """
        let all = texts.split(whereSeparator: \.isWhitespace).map(Array.init)
        return Dictionary(grouping: all) { $0[0] }.mapValues { $0.sorted { $0.count > $1.count } }
    }()

    /// English words, which count as whole words.
    private static let english = Set(
        """
        what which who whom whose when where why how is are was were does do did can could should would has have had \
        i me my we you find search show give get list tell want need looking look seek recommend recommended \
        recommendation recommendations suggest suggestion suggestions please any some all good best great interested \
        interesting about on regarding concerning dealing deals deal describing describe described discussing covering \
        related relating anything something exist exists available there been anyone like d m ve s buy read reading
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// English names of what is asked for, in the singular. Said twice they are what the query is about.
    private static let things = Set(
        "book novel title article paper abstract document information description discussion"
            .split(separator: " ").map(String.init))

    /// English words that say nothing between others that ask.
    private static let glue = Set("the a an of for to in with and or that it at".split(separator: " ").map(String.init))

    /// Characters between which a Chinese expression is looked for.
    private static func isChinese(_ character: Character) -> Bool {
        character.unicodeScalars.first.map { 0x3400...0x9FFF ~= $0.value } ?? false
    }

    private static func isKana(_ character: Character) -> Bool {
        character.unicodeScalars.first.map { 0x3041...0x30FA ~= $0.value } ?? false
    }

    /// Finds the words of a query that only ask; all of it if it has nothing else, which a caller has to check.
    init(_ query: String) {
        let own = Array(query)
        let characters = own.map { $0.lowercased().first ?? $0 }
        // Japanese, of which kana are a quarter at least, has the characters in words of its own: 目的, 要求.
        let isJapanese = own.count { Self.isKana($0) } * 4 > own.count
        let words = query.lowercased().split { !$0.isLetter || Self.isChinese($0) }
        let said = Dictionary(grouping: words.compactMap(Self.thing)) { $0 }
        var offset = 0
        var i = 0
        var isWordStart = true
        // The words before `offset` that belong to the range before if another one follows, and the end of that range.
        var open: Int?
        while i < characters.count {
            var length = 0
            var step = 1
            var isGlue = characters[i].isWhitespace
            if Self.isChinese(characters[i]) {
                length =
                    ((isJapanese ? nil : Self.chinese[characters[i]]) ?? []).first { expression in
                        i + expression.count <= characters.count
                            && characters[i..<(i + expression.count)].elementsEqual(expression)
                    }?.count ?? 0
            } else if isWordStart, characters[i].isLetter {
                var end = i
                while end < characters.count, characters[end].isLetter, !Self.isChinese(characters[end]) { end += 1 }
                let word = String(characters[i..<end])
                let isAsking = Self.thing(word[...]).map { said[$0]?.count == 1 } ?? Self.english.contains(word)
                if isAsking { length = end - i }
                isGlue = Self.glue.contains(word)
                if isGlue { step = end - i }
            }
            step = max(length, step)
            let bytes = own[i..<(i + step)].reduce(0) { $0 + $1.utf8.count }
            if length > 0 {
                add((open ?? offset)..<(offset + bytes))
                open = offset + bytes
            } else if !isGlue {
                open = nil
            }
            isWordStart = Self.isChinese(characters[i]) || !(characters[i].isLetter || characters[i].isNumber)
            offset += bytes
            i += step
        }
    }

    /// The singular of a word that names what is asked for; nil for another word.
    private static func thing(_ word: Substring) -> String? {
        let singular = word.hasSuffix("s") ? word.dropLast() : word
        return things.contains(String(singular)) ? String(singular) : nil
    }

    /// The Chinese characters that stand alone beside words that ask, such as 猫 in 关于猫的书, without duplicates: no
    /// pair of characters says them. `query` is the text of the ranges.
    func singleCharacters(_ query: String) -> [String] {
        if ranges.isEmpty { return [] }
        var offset = 0
        let pieces = query.map { character in
            defer { offset += character.utf8.count }
            let isAsking = contain(offset..<(offset + character.utf8.count), isPair: false)
            return (text: String(character), isChinese: Self.isChinese(character), isAsking: isAsking)
        }
        let alone = pieces.indices.filter { i in
            let neighbors = [i - 1, i + 1].filter(pieces.indices.contains).map { pieces[$0] }.filter(\.isChinese)
            return pieces[i].isChinese && !pieces[i].isAsking && !neighbors.isEmpty && neighbors.allSatisfy(\.isAsking)
        }.map { pieces[$0].text }
        return alone.indices.filter { !alone[..<$0].contains(alone[$0]) }.map { alone[$0] }
    }

    /// Adds a range, and joins it with the one before that it touches.
    private mutating func add(_ range: Range<Int>) {
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }

    /// True if all of a byte range is request words, or for a pair of characters a part of it.
    func contain(_ span: Range<Int>, isPair: Bool) -> Bool {
        ranges.contains { range in
            if isPair { return range.overlaps(span) }
            return range.lowerBound <= span.lowerBound && span.upperBound <= range.upperBound
        }
    }

    /// The minimum number of characters of request words that are a title by themselves.
    private static let shortestTitle = 4

    /// The maximum number of ranges that are looked up; further ones only ask.
    private static let maxLookedUp = 16

    /// Removes the ranges that are titles, or that stand in a title beside the same neighbor as in the query.
    ///
    /// `isInTitle` returns true if a part of the query is a phrase of some title or, with `isAlone`, a whole one. Calls
    /// it at most three times for each range.
    mutating func removeTitles(
        _ query: String, _ isInTitle: (_ text: String, _ isAlone: Bool) throws(IndexError) -> Bool
    ) throws(IndexError) {
        let bytes = Array(query.utf8)
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        var left: [Range<Int>] = []
        for range in ranges.prefix(Self.maxLookedUp) {
            let before = Self.lastPiece(text(0..<range.lowerBound))
            let after = Self.firstPiece(text(range.upperBound..<bytes.count))
            var isTitle = false
            if text(range).count >= Self.shortestTitle { isTitle = try isInTitle(text(range), true) }
            if !isTitle, !after.isEmpty {
                isTitle = try isInTitle(text(range.lowerBound..<(range.upperBound + after.utf8.count)), false)
            }
            if !isTitle, !before.isEmpty {
                isTitle = try isInTitle(text((range.lowerBound - before.utf8.count)..<range.upperBound), false)
            }
            if !isTitle { left.append(range) }
        }
        ranges = left + ranges.dropFirst(Self.maxLookedUp)
    }

    /// The first word of a text with the blanks before it, or its first two Chinese characters.
    private static func firstPiece(_ text: String) -> String {
        let blanks = text.prefix { $0.isWhitespace }
        let rest = text[blanks.endIndex...]
        guard let first = rest.first else { return "" }
        let piece = isChinese(first) ? rest.prefix(2) : rest.prefix { !$0.isWhitespace && !isChinese($0) }
        return String(blanks) + String(piece)
    }

    /// The last word of a text with the blanks after it, or its last two Chinese characters.
    private static func lastPiece(_ text: String) -> String {
        String(firstPieceReversed(text).reversed())
    }

    private static func firstPieceReversed(_ text: String) -> String { firstPiece(String(text.reversed())) }
}
