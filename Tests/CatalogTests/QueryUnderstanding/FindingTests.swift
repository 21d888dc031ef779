import Analyzer
import Searching
import Segments
import Testing

@testable import Catalog

/// Typical queries with the documents that they must find, checked by hand.
@Suite struct FindingTests {
    /// The books by key.
    private static let books: [String: (title: String, author: String, isbn: String)] = [
        "pboc": ("中国人民银行", "", ""), "account": ("银行会计", "", ""), "cmb": ("招商证券股份有限公司", "", ""),
        "makeup": ("小化妆包", "", ""), "soup": ("小火锅", "", ""),
        "python": ("Python编程：从入门到实践", "Eric Matthes", "9787115428028"),
        "fluent": ("Fluent Python", "Luciano Ramalho", "978-1-4919-4600-8"), "cpp": ("C++ Primer", "", ""),
        "c": ("C程序设计语言", "", ""), "csharp": ("C# in Depth", "", ""), "net": ("Pro ASP.NET Core", "", ""),
        "income": ("Net Income Explained", "", ""), "node": ("Node.js in Action", "", ""),
        "iphone": ("iPhone15 使用手册", "", ""),
        "iphone14": ("iPhone 14 Guide", "", ""), "tokyo": ("東京物語", "", ""), "tokyokana": ("トウキョウ", "", ""),
        "strasse": ("Die Straße", "", ""), "look": ("看著", "", ""), "looking": ("看着", "", ""),
        "author": ("著名作家", "", ""),
        "woman": ("女人的一生", "", ""), "women": ("Little Women", "", ""), "we": ("我们", "", ""),
        "heart": ("I ❤️ NY", "", ""),
        "family": ("👩‍👩‍👧 家庭", "", ""), "dream": ("紅樓夢", "曹雪芹", ""), "dreamer": ("红楼梦研究", "", ""),
        "river": ("长江", "", ""), "grow": ("长大", "", ""), "harry": ("哈利·波特与魔法石", "J.K. Rowling", ""),
        "shirt": ("Men's T-Shirt", "", ""), "wifi": ("Wi-Fi Handbook", "", ""), "cafe": ("Café de Flore", "", ""),
        "att": ("AT&T: A History", "", ""), "thousand": ("1,000 Places", "", ""), "three": ("三体（全三册）", "刘慈欣", ""),
        "running": ("Running with Dogs", "", ""), "full": ("ＪＡＶＡ入门", "", ""), "korean": ("한국어 문법", "", ""),
        "thai": ("ภาษาไทยเบื้องต้น", "", ""), "lego": ("Lego™ Cars", "", ""), "bank2": ("人民的名义", "", ""),
        "noodle": ("麵條", "", ""), "face": ("面对", "", ""), "remit": ("滙丰", "", ""), "peak": ("高峯", "", ""),
        "russian": ("Война и мир", "", ""), "greek": ("Ὀδύσσεια", "", ""), "dont": ("Don't Make Me Think", "", ""),
        "notepad": ("Notepad++ Guide", "", ""), "fsharp": ("Learn F#", "", ""), "solitude": ("百年孤独", "马尔克斯", ""),
        "alone": ("孤独六讲", "", ""), "music": ("音乐之声", "", ""), "joy": ("快乐", "", ""), "xian": ("西安", "", ""),
        "first": ("先", "", ""), "rare": ("𠮷野家", "", ""), "number": ("１９８４", "George Orwell", ""),
        "tea": ("茶经", "陆羽", ""),
        "trad": ("資治通鑑", "", ""), "voiced": ("ｶﾞﾝﾀﾞﾑ", "", ""), "web": ("Web 2.0", "", ""),
        "ebook": ("e-book design", "", ""),
        "oneill": ("O’Reilly Collection", "", ""), "hm": ("H&M 时装", "", ""),
        "isbnx": ("The X Book", "", "0-8044-2957-X"),
    ]

    private static func made() throws -> (BookShelf, CatalogSearcher) {
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"},
             {"name": "title", "type": "text", "analyzer": "english"},
             {"name": "title_characters", "type": "text", "from": "title", "analyzer": "characters"},
             {"name": "title_whole", "type": "text", "from": "title", "analyzer": "whole"},
             {"name": "title_pinyin", "type": "text", "from": "title", "analyzer": "pinyin"},
             {"name": "title_initials", "type": "text", "from": "title", "analyzer": "initials"},
             {"name": "author", "type": "text", "analyzer": "english"},
             {"name": "isbn", "type": "text", "analyzer": "english"}]}
            """
        let lines = books.sorted { $0.key < $1.key }.map { id, book in
            #"{"id": "\#(id)", "title": "\#(book.title)", "author": "\#(book.author)", "isbn": "\#(book.isbn)"}"#
        }
        let shelf = BookShelf()
        let file = try shelf.write("finding.jsonl", lines.joined(separator: "\n"))
        let job = IndexJob(files: [file], schema: try Schema(json: Array(schema.utf8)))
        _ = try job.run("finding", in: shelf.folder)
        return (shelf, try shelf.folder.open("finding"))
    }

    struct Case {
        var query: String
        /// The best hits, in any order.
        var finds: [String]
        /// Documents that must not be among the hits.
        var misses: [String]

        init(_ query: String, _ finds: [String], not misses: [String] = []) {
            (self.query, self.finds, self.misses) = (query, finds, misses)
        }
    }

    private static let cases: [Case] = [
        // Chinese texts, in parts and with blanks.
        Case("银行", ["pboc", "account"]), Case("人民銀行", ["pboc"]), Case("人民 银行", ["pboc"]), Case("中国人民银行", ["pboc"]),
        Case("招商 公司", ["cmb"]), Case("招商证券", ["cmb"]), Case("证券公司", ["cmb"]),
        Case("\"小化妆\"", ["makeup"], not: ["soup"]),
        Case("小化妆包", ["makeup"]), Case("化妆包", ["makeup"], not: ["soup"]), Case("会计", ["account"], not: ["pboc"]),
        Case("百年孤独", ["solitude"]), Case("百年孤独插图纪念版", ["solitude"]), Case("孤独", ["solitude", "alone"]),
        Case("红楼梦曹雪芹", ["dream"]), Case("曹雪芹", ["dream"], not: ["dreamer"]), Case("刘慈欣 三体", ["three"]),
        Case("三体", ["three"]), Case("三体全集", ["three"]), Case("茶", ["tea"]), Case("先", ["first"]),
        Case("哈利波特", ["harry"]), Case("哈利·波特", ["harry"]), Case("哈利 波特", ["harry"]), Case("魔法石", ["harry"]),
        // Pinyin and its initials, only for unknown terms.
        Case("yinhang", ["pboc", "account"], not: ["cmb"]), Case("rmyh", ["pboc"], not: ["account"]),
        Case("zgrmyh", ["pboc"]),
        Case("changjiang", ["river"], not: ["grow"]), Case("zhangda", ["grow"], not: ["river"]),
        Case("zhangjiang", [], not: ["river"]),
        Case("hongloumeng", ["dream", "dreamer"]), Case("hlm", ["dream", "dreamer"]),
        Case("yinyue", ["music"], not: ["joy"]),
        Case("kuaile", ["joy"], not: ["music"]), Case("yinle", [], not: ["music"]),
        Case("xian", ["xian"], not: ["first"]),
        Case("women", ["women"], not: ["we"]), Case("santi", ["three"]), Case("python biancheng", ["python"]),
        Case("zizhitongjian", ["trad"]), Case("bainiangudu", ["solitude"]), Case("hali bote", ["harry"]),
        Case("xiaohuozhuo", []),
        // Width, case, scripts.
        Case("ＰＹＴＨＯＮ", ["python", "fluent"]), Case("python编程", ["python"]), Case("Python 编程", ["python"]),
        Case("PYTHON", ["python", "fluent"]), Case("java", ["full"]), Case("ｊａｖａ入門", ["full"]),
        Case("1984", ["number"]),
        Case("编程python", ["python"]), Case("orwell", ["number"]), Case("ﬂuent", ["fluent"]),
        // Symbols.
        Case("C++", ["cpp"], not: ["c", "csharp"]), Case("c++ primer", ["cpp"]),
        Case("c#", ["csharp"], not: ["c", "cpp"]),
        Case("f#", ["fsharp"]), Case("c", ["c"]), Case(".net", ["net"], not: ["income"]), Case("asp.net", ["net"]),
        Case("net", ["income", "net"]), Case("notepad++", ["notepad"]), Case("notepad", ["notepad"]),
        Case("aspnet", ["net"]),
        Case("H&M", ["hm"]), Case("hm", ["hm"]), Case("AT&T", ["att"]), Case("att", ["att"]), Case("ｃ＋＋", ["cpp"]),
        // Words divided and joined.
        Case("node.js", ["node"]), Case("nodejs", ["node"]), Case("node js", ["node"]), Case("iphone15", ["iphone"]),
        Case("iphone 15", ["iphone"]), Case("iPhone-15", ["iphone"]), Case("iphone", ["iphone", "iphone14"]),
        Case("wifi", ["wifi"]), Case("wi-fi", ["wifi"]), Case("wi fi", ["wifi"]), Case("t-shirt", ["shirt"]),
        Case("tshirt", ["shirt"]), Case("men's", ["shirt"]), Case("mens", ["shirt"]), Case("men’s t shirt", ["shirt"]),
        Case("don't", ["dont"]), Case("dont", ["dont"]), Case("ebook", ["ebook"]), Case("e-book", ["ebook"]),
        Case("oreilly", ["oneill"]), Case("o'reilly", ["oneill"]), Case("web2.0", ["web"]), Case("1000", ["thousand"]),
        Case("1,000", ["thousand"]), Case("J.K. Rowling", ["harry"]), Case("rowling", ["harry"]),
        // Book numbers.
        Case("978-7-115-42802-8", ["python"]), Case("9787115428028", ["python"]), Case("7115428026", ["python"]),
        Case("7-115-42802-6", ["python"]), Case("isbn 9787115428028", ["python"]),
        Case("978 7 115 42802 8", ["python"]),
        Case("9787115428029", []), Case("978-7-115-42802-9", []), Case("7115428027", []),
        Case("9781491946008", ["fluent"]),
        Case("1-4919-4600-5", []), Case("080442957X", ["isbnx"]), Case("9780804429573", ["isbnx"]),
        // Variants of characters, both ways.
        Case("红楼梦", ["dream", "dreamer"]), Case("紅樓夢", ["dream", "dreamer"]), Case("紅樓夢研究", ["dreamer"]),
        Case("看着", ["look", "looking"]), Case("看著", ["look", "looking"]), Case("著名", ["author"]),
        Case("着名", ["author"]),
        Case("面条", ["noodle"]), Case("麪條", ["noodle"]), Case("汇丰", ["remit"]), Case("匯豐", ["remit"]),
        Case("高峰", ["peak"]),
        Case("资治通鉴", ["trad"]), Case("銀行會計", ["account"]), Case("女人", ["woman"], not: ["women"]),
        // Other languages.
        Case("東京", ["tokyo"]), Case("东京", ["tokyo"]), Case("トウキョウ", ["tokyokana"]), Case("ﾄｳｷｮｳ", ["tokyokana"]),
        Case("ガンダム", ["voiced"]), Case("𠮷野家", ["rare"]), Case("strasse", ["strasse"]), Case("Straße", ["strasse"]),
        Case("STRASSE", ["strasse"]), Case("cafe", ["cafe"]), Case("café", ["cafe"]), Case("война", ["russian"]),
        Case("МИР", ["russian"]), Case("οδυσσεια", ["greek"]), Case("한국어", ["korean"]), Case("문법", ["korean"]),
        Case("ภาษาไทย", ["thai"]), Case("run dog", ["running"]), Case("dogs", ["running"]),
        Case("the running dog", ["running"]),
        // Emoji, signs and texts without words.
        Case("❤", ["heart"]), Case("❤️", ["heart"]), Case("👩‍👩‍👧", ["family"]), Case("👩", [], not: ["family"]),
        Case("lego", ["lego"]),
        Case("LEGO®", ["lego"]), Case("legotm", [], not: ["lego"]), Case("???", []), Case("zzz", []),
        // Quotes and minus signs.
        Case("\"fluent python\"", ["fluent"], not: ["python"]), Case("python -fluent", ["python"], not: ["fluent"]),
        Case("“红楼梦研究”", ["dreamer"], not: ["dream"]), Case("\"no such words\" python", ["python", "fluent"]),
        // Beginnings, similar words, words near each other, and titles with such signs.
        Case("pyth*", ["python", "fluent"], not: ["peak"]), Case("author:rama*", ["fluent"], not: ["python"]),
        Case("pyhton~ fluent", ["fluent"], not: ["python"]), Case("runing~1", ["running"], not: ["russian"]),
        Case("\"running dogs\"~1", ["running"]), Case("\"dogs running\"~3", ["running"]),
        Case("\"make me thi*\"", ["dont"], not: ["makeup"]), Case("红楼*", ["dream", "dreamer"], not: ["river"]),
        Case("web -pyth*", ["web"], not: ["python"]), Case("author:orw* OR author:rowl*", ["number", "harry"]),
    ]

    @Test func thereAreEnoughCases() { #expect(Self.cases.count >= 120) }

    @Test func everyQueryFindsItsDocuments() throws {
        let (shelf, searcher) = try Self.made()
        for sample in Self.cases {
            var request = SearchRequest(sample.query)
            request.perPage = 100
            let ids = try searcher.search(request).hits.map(\.id)
            #expect(Set(ids.prefix(sample.finds.count)) == Set(sample.finds), "“\(sample.query)” \(ids)")
            for miss in sample.misses { #expect(!ids.contains(miss), "“\(sample.query)” \(ids)") }
            if sample.finds.isEmpty, sample.misses.isEmpty { #expect(ids.isEmpty, "“\(sample.query)” \(ids)") }
        }
        withExtendedLifetime(shelf) {}
    }

    /// Words and pinyin are marked, single characters are not.
    @Test(arguments: [
        ("银行", "pboc", "中国人民<mark>银行</mark>"), ("yinhang", "pboc", "中国人民<mark>银行</mark>"),
        ("rmyh", "pboc", "中国<mark>人民银行</mark>"), ("紅樓夢", "dreamer", "<mark>红楼梦</mark>研究"),
        ("nodejs", "node", "<mark>Node.js</mark> in Action"), ("dogs", "running", "Running with <mark>Dogs</mark>"),
    ])
    func marks(query: String, id: String, title: String) throws {
        let (shelf, searcher) = try Self.made()
        let hit = try #require(try searcher.search(SearchRequest(query)).hits.first { $0.id == id })
        #expect(hit.highlights["title"] == .one(title))
        withExtendedLifetime(shelf) {}
    }

    @Test func repliesReportPinyin() throws {
        let (shelf, searcher) = try Self.made()
        #expect(try searcher.search(SearchRequest("yinhang")).applied.pinyin == ["yinhang"])
        #expect(try searcher.search(SearchRequest("women")).applied.pinyin == [])
        withExtendedLifetime(shelf) {}
    }
}
