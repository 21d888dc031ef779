import Indexer

/// How much each sign of relevance counts. The defaults are the recipe that `docs/decisions` gives the evidence for.
public struct Ranking: Codable, Sendable, Equatable {
    /// BM25's k1: how fast repeated words stop counting.
    public var k1: Float = 1.2
    /// BM25's b: how much long texts are held back.
    public var b: Float = 0.75
    /// Weight of single CJK characters beside pairs, where a field of characters exists.
    public var characters: Float = 0.6
    /// What the whole query as a phrase in a title adds, as a share of the best possible score.
    public var phrase: Float = 0.1
    /// What a stretch of the query that is a whole title adds, as a share of the best possible score and of the query.
    public var whole: Float = 0.5
    /// The shortest such stretch, as a share of the query.
    public var shortestWhole: Float = 0.4
    /// Whether English stop words are left out of a query that has other words.
    public var dropsStopWords = true
    /// Whether documents that have few of the query's words are left out.
    public var cuts = true

    /// Whether what stands in no text is read as what is spelt or sounds like it.
    public var corrects = true

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case k1, b, characters, phrase, whole, shortestWhole, dropsStopWords, cuts, corrects
    }

    /// Reads what differs from the defaults; members it does not know are an error.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read(_ key: CodingKeys, _ least: Float, _ most: Float, _ value: inout Float) throws {
            guard let given = try values.decodeIfPresent(Float.self, forKey: key) else { return }
            guard given >= least, given <= most else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: values, debugDescription: "\(given) is not between \(least) and \(most)")
            }
            value = given
        }
        try read(.k1, 0.01, 100, &k1)
        try read(.b, 0, 1, &b)
        try read(.characters, 0, 100, &characters)
        try read(.phrase, 0, 100, &phrase)
        try read(.whole, 0, 100, &whole)
        try read(.shortestWhole, 0, 1, &shortestWhole)
        dropsStopWords = try values.decodeIfPresent(Bool.self, forKey: .dropsStopWords) ?? dropsStopWords
        cuts = try values.decodeIfPresent(Bool.self, forKey: .cuts) ?? cuts
        corrects = try values.decodeIfPresent(Bool.self, forKey: .corrects) ?? corrects
    }
}
