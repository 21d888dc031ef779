import Testing

@testable import Catalog

/// The words of a query that only ask.
@Suite struct RequestWordsTests {
    private static func words(_ query: String) -> [String] {
        let bytes = Array(query.utf8)
        return RequestWords(query).ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test(arguments: [
        ("有没有关于三体的书", ["有没有关于", "的书"]), ("推荐几本经济学的书", ["推荐几本", "的书"]),
        ("Books about bees", ["Books about"]), ("what is the best book about rome", ["what is the best book about"]),
        ("history of books about paris", ["books about"]),
        ("descriptive titles of books", ["titles of books"]), ("titles that resemble a title", []),
        ("books about books", ["about"]), ("目的地はどこですか", []), ("马尔克斯・加西亚的书", ["的书"]),
        ("harry potter", []), ("aboutness", []), ("", []), ("红楼梦", []), ("whatİs", []),
        ("推荐几本Python的book", ["推荐几本", "的book"]), ("有没有关于优の良品的书", ["有没有关于", "的书"]),
    ])
    func requestsAreFound(query: String, words: [String]) {
        #expect(Self.words(query) == words)
    }

    @Test(arguments: [
        ("有没有关于猫的书", ["猫"]), ("蓍的叶子有什么特点", ["蓍"]), ("有没有关于三体的书", []), ("猫", []), ("巴金 家", []),
        ("家的 书", ["家"]), ("books about 猫", []),
        ("猫的 猫的书", ["猫"]),
    ])
    func aSingleCharacterBesideRequestsIsFound(query: String, characters: [String]) {
        #expect(RequestWords(query).singleCharacters(query) == characters)
    }

    @Test func whatStandsInATitleIsNoRequest() throws {
        var asked: [String] = []
        var words = RequestWords("谁动了我的奶酪")
        try words.removeTitles("谁动了我的奶酪") { text, isAlone in
            asked.append(text)
            return !isAlone && text == "谁动了"
        }
        #expect(asked.first == "谁动了")
        #expect(!words.contain(0..<3, isPair: true))
    }

    @Test func aTitleOfRequestWordsIsNoRequest() throws {
        var words = RequestWords("什么是什么游戏")
        try words.removeTitles("什么是什么游戏") { text, isAlone in isAlone && text == "什么是什么" }
        #expect(words.ranges.isEmpty)
    }
}
