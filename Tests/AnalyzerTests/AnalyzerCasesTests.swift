import Analyzer
import Testing

/// Texts and their tokens, determined by hand.
@Suite struct AnalyzerCasesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var terms: [String]
        /// The positions of the tokens; nil for 0, 1, 2 …
        var positions: [Int]?
        /// The end position; nil for the number of tokens.
        var end: Int?

        var testDescription: String { "“\(text)”" }

        init(_ text: String, _ terms: [String], at positions: [Int]? = nil, end: Int? = nil) {
            (self.text, self.terms, self.positions, self.end) = (text, terms, positions, end)
        }
    }

    private static let standard: [Case] = [
        Case("", []),
        Case(" \t\r\n.,;:!?", []),
        Case("The Quick, brown fox.", ["the", "quick", "brown", "fox"]),
        Case("A\u{0}B\u{1F}C\u{7F}D", ["a", "b", "c", "d"]),
        // Parts have consecutive positions; their joined form is at that of the first part.
        Case("brown-fox", ["brown", "brownfox", "fox"], at: [0, 0, 1], end: 2),
        Case(
            "snake_case under__score", ["snake", "snakecase", "case", "under", "score"], at: [0, 0, 1, 2, 3], end: 4),
        Case("iPhone15 mp3", ["iphone", "iphone15", "15", "mp", "mp3", "3"], at: [0, 0, 1, 2, 2, 3], end: 4),
        Case(
            "node.js Node.JS nodejs", ["node", "nodejs", "js", "node", "nodejs", "js", "nodejs"],
            at: [0, 0, 1, 2, 2, 3, 4], end: 5),
        Case("AT&T H&M", ["at", "att", "t", "h", "hm", "m"], at: [0, 0, 1, 2, 2, 3], end: 4),
        Case("end.Next a. b", ["end", "endnext", "next", "a", "b"], at: [0, 0, 1, 2, 3], end: 4),
        Case("a-b-c-d-e-f-g-h-i", ["a", "b", "c", "d", "e", "f", "g", "h", "i"]),
        Case(
            "men's don't it’s I'm we'll o'clock",
            [
                "men", "mens", "don", "dont", "it", "its", "i", "im", "we", "well", "o", "oclock", "clock",
            ], at: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6], end: 7),
        Case("rock 'n' roll 'quoted'", ["rock", "n", "roll", "quoted"]),
        // Symbols that belong to a word.
        Case(
            "C++ c# F# .NET", ["c", "c++", "c", "c#", "f", "f#", "net", ".net"], at: [0, 0, 1, 1, 2, 2, 3, 3], end: 4),
        Case("ASP.NET", ["asp", "aspnet", "net", ".net"], at: [0, 0, 1, 1], end: 2),
        Case(
            "C++11 a+b 1++ a+++ #tag x#y", ["c", "c++", "11", "a", "b", "1", "a", "tag", "x", "y"],
            at: [0, 0, 1, 2, 3, 4, 5, 6, 7, 8], end: 9),
        Case("..net a..net .network", ["net", "a", "net", "network"]),
        Case("Notepad++", ["notepad", "notepad++"], at: [0, 0], end: 1),
        // Numbers.
        Case("9.99 €", ["9", "999", "99"], at: [0, 0, 1], end: 2),
        Case(
            "1,000 1,000,000 1,2 12,3456",
            [
                "1", "1000", "000", "1", "1000000", "000", "000", "1", "2", "12", "3456",
            ], at: [0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8], end: 9),
        // ISBNs.
        Case("978-7-115-42802-8", ["9787115428028"]),
        Case("978 7 115 42802 8", ["9787115428028"]),
        Case("9787115428028", ["9787115428028"]),
        Case("7115428026 7-115-42802-6", ["9787115428028", "9787115428028"]),
        Case("ISBN9787115428028, ISBN 7-115-42802-6", ["isbn", "9787115428028", "isbn", "9787115428028"]),
        Case("0-8044-2957-X 080442957x", ["9780804429573", "9780804429573"]),
        Case("9787115428029", ["9787115428029"]),
        Case("978-7-115-42802-9", ["978", "9787115428029", "7", "115", "42802", "9"], at: [0, 0, 1, 2, 3, 4], end: 5),
        Case("x9787115428028", ["x", "x9787115428028", "9787115428028"], at: [0, 0, 1], end: 2),
        // Folding of case, width and compatibility forms; no diacritics.
        Case("Straße STRASSE", ["strasse", "strasse"]),
        Case("Caf\u{E9} Cafe\u{301} CAF\u{C9} cafe", ["cafe", "cafe", "cafe", "cafe"]),
        Case("Dvořák Ångström Đặng", ["dvorak", "angstrom", "đang"]),
        Case("ＰＹＴＨＯＮ　３．１４", ["python", "3", "314", "14"], at: [0, 1, 1, 2], end: 3),
        Case("ﬁne ﬂag", ["fine", "flag"]),
        Case("ΟΔΥΣΣΕΥΣ Ὀδυσσεύς", ["οδυσσευσ", "οδυσσευσ"]),
        Case("Привет МИР Йод", ["привет", "мир", "йод"]),
        Case("①② ½", ["12", "1", "2"]),
        Case("soft\u{AD}hyphen zero\u{200B}width", ["softhyphen", "zerowidth"]),
        Case("한국어", ["한국", "국어"], end: 3),
        Case("\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}", ["한국"], end: 2),
        // Han, kana and the long-vowel mark form one run; each character takes up a position. Variants are folded.
        Case("數據庫 数据库", ["数据", "据库", "数据", "据库"], at: [0, 1, 3, 4], end: 6),
        Case("著作 看著 看着", ["着作", "看着", "看着"], at: [0, 2, 4], end: 6),
        Case("中", ["中"]),
        Case("中文", ["中文"], end: 2),
        Case("データベース", ["デー", "ータ", "タベ", "ベー", "ース"], end: 6),
        Case("食べる人々", ["食べ", "べる", "る人", "人々"], end: 5),
        Case("ﾄｳｷｮｳ", ["トウ", "ウキ", "キョ", "ョウ"], end: 5),
        Case("ｶﾞｷﾞ", ["ガギ"], end: 2),
        Case("スター・ウォーズ", ["スタ", "ター", "ウォ", "ォー", "ーズ"], at: [0, 1, 3, 4, 5], end: 7),
        Case("〇一二", ["〇一", "一二"], end: 3),
        Case("𠮷野家", ["𠮷野", "野家"], end: 3),
        Case("⼈⼝", ["人口"], end: 2),
        // Runs end where the script changes.
        Case("学Swift語言!", ["学", "swift", "语言"], at: [0, 1, 2], end: 4),
        Case("Python编程 第2版", ["python", "编程", "第", "2", "版"], at: [0, 1, 3, 4, 5], end: 6),
        Case("中文，標點。符號", ["中文", "标点", "符号"], at: [0, 2, 4], end: 6),
        Case("漢字한글", ["汉字", "한글"], at: [0, 2], end: 4),
        Case("中 한", ["中", "한"]),
        // Trademark signs are removed, emoji sequences are tokens, other symbols separate.
        Case("Lego® Duplo™ X℠", ["lego", "duplo", "x"]),
        Case("Java™SE", ["javase"]),
        Case("I ❤️ NY ❤", ["i", "❤", "ny", "❤"]),
        Case("👩‍👩‍👧‍👦🇩🇪👍🏽ok", ["👩‍👩‍👧‍👦", "🇩🇪", "👍", "ok"]),
        Case("中👍文", ["中", "👍", "文"]),
        Case("#️⃣ *️⃣ # * a#️⃣b", ["#⃣", "*⃣", "a", "#⃣", "b"]),
        Case("c#️⃣ c#", ["c", "#⃣", "c", "c#"], at: [0, 1, 2, 2], end: 3),
        Case("1️⃣ 2⃣ 3", ["1⃣", "2⃣", "3"]),
        Case("© → ★ ‼ 〰", ["★"]),
        Case("Ⓜ ㊗ ℹ", ["m", "祝", "i"]),
        Case("中\u{200D}文", ["中文"], end: 2),
        // Scripts without blanks are cut by a dictionary.
        Case("สวัสดีชาวโลก", ["สวัสดี", "ชาว", "โลก"]),
        Case("ภาษาไทย123", ["ภาษา", "ไทย", "123"]),
        Case("ສະບາຍດີ", ["ສະບາຍດີ"]),
    ]

    private static let peers: [Case] = [
        Case("", []),
        Case("The Quick, brown-fox", ["the", "quick", "brown", "fox"]),
        Case("iPhone15 A_B", ["iphone15", "a", "b"]),
        Case("Café", ["caf"]),
        Case("naïve", ["na", "ve"]),
        Case("ＰＹＴＨＯＮ", []),
        Case("Привет 123", ["123"]),
        Case("한국어", []),
        Case("數據庫", ["數據", "據庫"]),
        Case("中", ["中"]),
        Case("学Swift語言!", ["学", "swift", "語言"]),
        Case("中文，標點", ["中文", "標點"]),
        Case("スター・ウォーズ", ["スタ", "ター", "ウォ", "ォー", "ーズ"]),
        Case("人々〆〇", ["人々", "々〆", "〆〇"]),
        Case("ﾄｳ", []),
        Case("𠮷野家", ["野家"]),
    ]

    @Test(arguments: standard)
    func standardAnalyzer(sample: Case) { expect(sample, .standard) }

    @Test(arguments: peers)
    func peersAnalyzer(sample: Case) { expect(sample, .peers) }

    private func expect(_ sample: Case, _ analyzer: TextAnalyzer) {
        let found = Analysis(sample.text, analyzer)
        #expect(found.faults == [])
        #expect(found.terms == sample.terms)
        // Strings are compared by canonical equivalence; the bytes must be those of the composed form.
        #expect(found.tokens.map(\.term) == sample.terms.map { Array($0.utf8) })
        #expect(found.positions == sample.positions ?? Array(0..<sample.terms.count))
        #expect(found.endPosition == sample.end ?? sample.terms.count)
    }

    @Test func foldedTextsAreNotCut() {
        #expect(TextAnalyzer.standard.folded("Ｆoo  紅樓夢!") == "foo  红楼梦!")
        #expect(TextAnalyzer.standard.folded("Café ™") == "cafe ")
        #expect(TextAnalyzer.standard.folded("").isEmpty)
    }

    @Test func kindsDescribeTheTokens() {
        #expect(Analysis("ab 中文 中 한국 한 ы").kinds == [.word, .bigram, .unigram, .bigram, .unigram, .word])
        #expect(Analysis("a1 c# 👍 7115428026").kinds == [.word, .joined, .number, .word, .symbol, .emoji, .isbn])
        #expect(Analysis("ab 中文字 中", .peers).kinds == [.word, .bigram, .bigram, .unigram])
    }

    /// The first and last characters of the ranges that form runs.
    private static let edges: [UInt32] = [
        0x3005, 0x3007, 0x3041, 0x3096, 0x309D, 0x309E, 0x30A1, 0x30FA, 0x30FC, 0x30FE, 0x31F0, 0x31FF, 0x2E80, 0x3400,
        0x4DBF, 0x4E00, 0x9FFF, 0xF900, 0xFA0E, 0x20000, 0x2A6DF, 0x2F800, 0x31350, 0xAC00, 0xD7A3, 0x3131, 0xFFA1,
    ]

    /// Each of them twice is a bigram, and alone a unigram.
    @Test(arguments: edges)
    func edgesOfRuns(scalar: UInt32) throws {
        let character = Character(try #require(Unicode.Scalar(scalar)))
        let found = Analysis("a\(character)\(character)z\(character)")
        #expect(found.kinds == [.word, .bigram, .word, .unigram])
        #expect(found.positions == [0, 1, 3, 4])
        #expect(found.endPosition == 5)
    }

    /// The adjacent characters: letters of other scripts are words, the others separate.
    @Test func charactersNextToTheEdges() {
        #expect(Analysis("\u{3003}\u{3008}\u{30A0}\u{30FB}\u{3000}\u{3001}").terms == [])
        #expect(Analysis("\u{A000}\u{A000} \u{31A0}\u{31BF}").kinds == [.word, .word])
    }

    /// The voicing marks are separators.
    @Test(arguments: ["゛", "゜", "\u{3099}", " \u{309A} "])
    func voicingMarksAloneGiveNoTokens(text: String) {
        #expect(Analysis(text).terms == [])
    }

    @Test func analyzersAreFoundByName() {
        #expect(TextAnalyzer.named("default") == .standard)
        #expect(TextAnalyzer.named("peers") == .peers)
        #expect(TextAnalyzer.named("Default") == nil)
        #expect(TextAnalyzer.named("") == nil)
        #expect(Set(TextAnalyzer.all.map(\.name)).count == TextAnalyzer.all.count)
        #expect(TextAnalyzer.libraryVersion.split(separator: ".").allSatisfy { Int($0) != nil })
        #expect(!TextAnalyzer.libraryVersion.isEmpty)
    }
}
