import Kernels
import TestSupport
import Testing

@testable import Analyzer

@Suite struct SuggestionFormsTests {
    /// The forms of a text as strings, and the texts that begin at its keys, by their kind.
    private static func forms(_ text: String) -> (forms: [String], keys: [SuggestionForms.Start: [String]]) {
        var forms = SuggestionForms()
        forms.make(text, by: .standard)
        let bytes = Array(forms.bytes.elements)
        var keys: [SuggestionForms.Start: [String]] = [:]
        for key in forms.keys.elements {
            let rest = bytes[Int(key.offset)...].prefix { $0 != 0 }
            keys[key.start, default: []].append(String(decoding: rest, as: UTF8.self))
        }
        return (bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }, keys)
    }

    @Test(arguments: [
        ("The Hunger Games (The Hunger Games, #1)", ["the hunger games"]),
        ("紅樓夢（全四冊）", ["红楼梦", "hongloumeng", "hlm"]), ("(2015)", ["2015"]), ("Don’t Panic!", ["dont panic"]),
        ("C++ Primer, 5th", ["c++ primer 5th"]), ("Ｐｙｔｈｏｎ编程", ["python编程", "pythonbiancheng", "pbc"]),
        ("哈利·波特", ["哈利 波特", "halibote", "hlbt"]), ("!?", []), ("", []),
    ])
    func textsHaveTheForms(_ text: String, _ expected: [String]) {
        #expect(Self.forms(text).forms.prefix(expected.count).elementsEqual(expected), "\(Self.forms(text).forms)")
        #expect(expected.isEmpty == Self.forms(text).forms.isEmpty)
    }

    @Test func keysBeginAtWordsSyllablesAndInitials() {
        let hobbit = Self.forms("The Hobbit").keys
        #expect(hobbit == [.beginning: ["the hobbit"], .afterArticle: ["hobbit"]])
        let potter = Self.forms("Harry Potter").keys
        #expect(potter == [.beginning: ["harry potter"], .word: ["potter"]])
        let python = Self.forms("Python编程：入门").keys
        #expect(python[.word] == ["编程 入门", "程 入门", "入门", "门"])
        #expect(python[.pinyin] == ["pythonbianchengrumen"])
        #expect(python[.syllable] == ["bianchengrumen", "chengrumen", "rumen", "men"])
        #expect(python[.initials] == ["pbcrm", "rm"])
    }

    /// 长 is chang or zhang, and no word decides.
    @Test func severalReadingsHaveSeveralForms() {
        let forms = Self.forms("长谷").forms
        #expect(Set(forms).isSuperset(of: ["changgu", "zhanggu", "cg", "zg"]), "\(forms)")
    }

    @Test func typedPartsAreFoundInTheSource() throws {
        let text = "《紅樓夢》 ½ Straße"
        var forms = SuggestionForms()
        forms.make(text, by: .standard)
        func source(_ part: String) throws -> String {
            let bytes = Array(forms.bytes.elements)
            let start = try #require(bytes.indices.first { bytes[$0...].starts(with: part.utf8) })
            let found = forms.sourceRange(of: start..<start + part.utf8.count)
            let range = try #require(found)
            return String(decoding: Array(text.utf8)[range], as: UTF8.self)
        }
        #expect(try source("红楼") == "紅樓")
        #expect(try source("honglou") == "紅樓")
        #expect(try source("hl") == "紅樓")
        #expect(try source("str") == "Str")
        #expect(try source("strass") == "Straß")
        let nothing = forms.sourceRange(of: 3..<3)
        #expect(nothing == nil)
    }

    /// The first form identifies a suggestion: it has the same forms as every text that has it.
    @Test(arguments: 1...20) func theFirstFormHasTheSameForms(_ seed: UInt64) {
        var random = RandomText(seed: seed)
        var forms = SuggestionForms()
        var again = SuggestionForms()
        let jamo = Unicode.Scalar(0x1100)!...Unicode.Scalar(0x11FF)!
        for _ in 0..<300 {
            forms.make(String(decoding: random.next(atMost: 40), as: UTF8.self), by: .standard)
            // Conjoining letters of Hangul compose once the marks between them are dropped.
            if String(decoding: forms.text, as: UTF8.self).unicodeScalars.contains(where: jamo.contains) { continue }
            again.make(String(decoding: forms.text, as: UTF8.self), by: .standard)
            #expect(
                again.bytes.elements.elementsEqual(forms.bytes.elements),
                "\(Array(forms.text)), \(Array(again.text))")
            #expect(again.keys.elements.elementsEqual(forms.keys.elements))
            #expect(forms.keys.elements.allSatisfy { forms.bytes[Int($0.offset)] != 0 })
        }
    }
}
