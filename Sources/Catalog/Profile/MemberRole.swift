/// The role of a member in a catalog, by its name.
enum MemberRole: CaseIterable, Sendable {
    case title, subtitle, author, series, category, publisher, identifier, description, language, price, currency
    case rating, link

    /// The names of members in each role, the preferred ones first: lower case, without `_`, `-` and blanks.
    private static let names: [(role: MemberRole, names: [String])] = [
        (
            .title,
            [
                "title", "name", "booktitle", "producttitle", "productname", "书名", "書名", "标题", "標題", "题名", "題名",
                "名称", "名稱", "タイトル", "作品名", "商品名", "品名",
            ]
        ),
        (
            .subtitle,
            ["subtitle", "originaltitle", "alternativetitle", "originalname", "副标题", "副標題", "原作名", "副題", "原題"]
        ),
        (
            .author,
            [
                "author", "authors", "creator", "creators", "writer", "artist", "brand", "manufacturer", "maker",
                "maintainer", "director", "translator", "translators", "editor", "editors", "作者", "作家", "著者", "译者",
                "譯者", "翻译", "訳者", "编者", "品牌", "メーカー",
            ]
        ),
        (.series, ["series", "seriestitle", "seriesname", "丛书", "叢書", "系列", "シリーズ"]),
        (
            .category,
            [
                "category", "categories", "genre", "genres", "subject", "subjects", "topic", "topics", "tag", "tags",
                "keywords", "分类", "分類", "类别", "類別", "标签", "標籤", "主题", "主題", "カテゴリ", "カテゴリー", "ジャンル", "タグ",
            ]
        ),
        (.publisher, ["publisher", "publishers", "imprint", "出版社", "出版者", "出版方", "発行所"]),
        (
            .identifier,
            [
                "isbn", "isbn13", "isbn10", "issn", "ean", "gtin", "upc", "barcode", "asin", "sku", "code",
                "productcode", "mpn", "partnumber", "model", "条码", "型号", "型番",
            ]
        ),
        (
            .description,
            [
                "description", "summary", "blurb", "abstract", "synopsis", "overview", "introduction", "content",
                "text",
                "body", "简介", "簡介", "内容简介", "描述", "摘要", "内容紹介", "説明", "概要", "あらすじ", "紹介",
            ]
        ),
        (.language, ["language", "languages", "lang", "语言", "語言", "言語"]),
        (.price, ["price", "listprice", "saleprice", "价格", "價格", "定价", "定價", "售价", "価格", "定価"]),
        (.currency, ["currency", "pricecurrency", "currencycode", "币种", "貨幣", "通貨"]),
        (.rating, ["rating", "averagerating", "score", "stars", "评分", "評分", "評価"]),
        (
            .link,
            [
                "image", "images", "imageurl", "cover", "coverurl", "thumbnail", "picture", "photo", "url", "link",
                "href",
                "homepage", "website", "封面", "图片", "圖片", "画像",
            ]
        ),
    ]

    /// The role and the rank among the names of that role, by name.
    private static let table = Dictionary(
        uniqueKeysWithValues: names.flatMap { role, names in
            names.enumerated().map { ($1, (role: role, rank: $0)) }
        })

    /// Names in an object that take the role of the object, such as `name` in `author.name`.
    private static let generic: Set<String> = ["name", "title", "label", "value", "amount", "text"]

    /// The names of number members that say how much is sold, read or liked, the preferred ones first.
    static let popularity = [
        "sales", "ratingcount", "ratingscount", "votes", "reviewcount", "popularity", "downloads", "销量", "rating", "评分",
    ]

    /// The kind of popularity that a number field has, by its name; nil for none.
    static func popularityKind(_ name: String) -> PopularitySignal.Kind? {
        let name = normalized(name)
        if find(name)?.role == .rating { return .rating }
        if counts.contains(name) { return .count }
        if ranks.contains(name) { return .rank }
        return stocks.contains(name) ? .stock : nil
    }

    /// True if a member has the number of a volume in its series, by its name.
    static func isVolume(_ name: String) -> Bool { volumes.contains(normalized(name)) }

    /// The names of members with the number of a volume.
    private static let volumes: Set<String> = [
        "seriesnumber", "seriesindex", "numberinseries", "volume", "volumenumber", "卷号", "册数", "巻",
    ]
    /// The names of fields that count what people did.
    private static let counts: Set<String> = [
        "sales", "salescount", "sold", "orders", "ratingcount", "ratingscount", "votes", "votecount", "reviewcount",
        "reviewscount", "popularity", "downloads", "downloadsamonth", "views", "likes", "stars", "销量", "銷量", "评论数",
        "评价数", "评分人数", "人气", "下载量", "浏览量",
    ]
    /// The names of fields with a rank, 1 for the best.
    private static let ranks: Set<String> = ["rank", "salesrank", "bestsellerrank", "排名", "销量排名"]
    /// The names of fields that say how much is in stock.
    private static let stocks: Set<String> = ["stock", "instock", "inventory", "库存", "庫存", "在庫", "在庫数"]

    /// The codes of languages that name the variants of a text: `title_en`, `title.zh`.
    private static let languages: Set<String> = [
        "ar", "de", "en", "es", "fr", "hans", "hant", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "zh",
    ]

    /// True if a path names a language: `translations.ja.title`, `title_en`, `zh-Hans.title`.
    static func namesLanguage(_ path: String) -> Bool {
        let parts = path.lowercased().split { $0 == "." || $0 == "_" || $0 == "-" }
        return parts.count > 1 && parts.contains { languages.contains(String($0)) }
    }

    /// The role of the member with a path; nil for none.
    init?(_ path: String) {
        guard let found = Self.find(path) else { return nil }
        self = found.role
    }

    /// Returns the role of a path with the rank of its name, 0 for the preferred name; nil for none.
    static func find(_ path: String) -> (role: MemberRole, rank: Int)? {
        var names = path.split(separator: ".").map { $0.lowercased() }
        if names.count > 1, languages.contains(names[names.count - 1]) { names.removeLast() }
        guard let last = names.last else { return nil }
        if names.count > 1, generic.contains(last), let outer = table[normalized(names[names.count - 2])] {
            return outer
        }
        if let found = table[normalized(last)] { return found }
        let parts = last.split { $0 == "_" || $0 == "-" }
        guard let code = parts.last, parts.count > 1, languages.contains(String(code)) else { return nil }
        return table[parts.dropLast().joined()]
    }

    /// Returns a name in the form of the tables.
    static func normalized(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    }

    /// The weight of a text field in this role; 1 for fields without a role.
    var weight: Float {
        switch self {
        case .title, .identifier: 4
        case .subtitle, .author, .series: 1.5
        case .category: 0.7
        case .publisher: 0.5
        default: 1
        }
    }
}
