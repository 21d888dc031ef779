import Testing

@testable import Catalog

@Suite struct AnalyzerChoiceTests {
    private func scripts(_ texts: String...) -> ScriptStatistics {
        var scripts = ScriptStatistics()
        for text in texts { scripts.add(text) }
        return scripts
    }

    @Test(arguments: [
        ("english", ["The Lord of the Rings", "Dune", "A Wizard of Earthsea"]),
        ("default", ["Der Herr der Ringe", "Die unendliche Geschichte"]),
        ("default", ["El ingenioso hidalgo", "Rayuela"]),
        ("english", ["Python编程：从入门到实践", "流畅的Python", "三体"]),
        ("default", ["红楼梦", "西遊記", "三国演义"]),
        ("japanese", ["吾輩は猫である", "羅生門", "こころ"]),
        ("japanese", ["ノルウェイの森", "Dr.スランプ"]),
        // A few Japanese titles do not make a Chinese catalog Japanese.
        ("default", ["红楼梦", "三体", "活着", "围城", "家", "边城", "呐喊", "骆驼祥子", "茶馆", "こころ"]),
        ("default", ["Война и мир", "Идиот"]),
        ("default", ["12", "—", ""]),
    ])
    func analyzersFitTheTexts(_ expected: String, _ texts: [String]) {
        var scripts = ScriptStatistics()
        for text in texts { scripts.add(text) }
        #expect(scripts.analyzer == expected, "\(texts)")
    }

    @Test func siblingsFitTheScripts() {
        #expect(!scripts("Dune").hasCharacters)
        #expect(scripts("Dune", "三体").hasCharacters)
        #expect(scripts("Dune", "三体").hasPinyin)
        #expect(scripts("Dune", "こころ").hasCharacters)
        #expect(!scripts("Dune", "こころ").hasPinyin)
        var few = ScriptStatistics()
        for _ in 0..<50 { few.add("Dune") }
        few.add("三体")
        #expect(!few.hasCharacters)
        #expect(!few.hasPinyin)
    }

    /// A description is judged by its beginning.
    @Test func longTextsAreSampled() {
        let counted = scripts(String(repeating: "word ", count: 10_000))
        #expect(counted.letters == 800)
        #expect(counted.words == 200)
        #expect(counted.texts == 1)
    }
}
