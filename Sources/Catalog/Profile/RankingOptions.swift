/// The ranking options of a profile. `docs/decisions` has the measurements that justify the defaults.
package struct RankingOptions: Codable, Sendable, Equatable {
    /// BM25's k1, which controls the saturation of the term frequency; from 0.01 to 100.
    package var k1: Float = 1.2
    /// BM25's b, which controls the normalization by the length of the text; from 0 to 1.
    package var b: Float = 0.75
    /// The weight of single CJK characters beside pairs, if the schema has a field of characters; from 0 to 100. Words
    /// beside them weigh so much more.
    package var characters: Float = 1
    /// The boost for the whole query as a phrase in a title, as a share of the maximum score; from 0 to 100.
    package var phrase: Float = 0.1
    /// The boost for a shingle of the query that is a whole title, as a share of the maximum score, multiplied by its
    /// share of the query; from 0 to 100.
    package var whole: Float = 0.5
    /// The minimum length of such a shingle, as a share of the query; from 0 to 1.
    package var shortestWhole: Float = 0.4
    /// The boost for a title that is a shingle of the query in a document that has the rest of the query as well, such
    /// as its author, as a share of the maximum score; from 0 to 100.
    package var named: Float = 1
    /// The boost for a volume that the query names, as a share of the maximum score; from 0 to 100.
    package var volume: Float = 0.6
    /// The weight of words that ask for something without saying what, such as "books about"; from 0 to 1.
    package var request: Float = 0.2
    /// The weight of words that only have the stem of the typed word in common with it, such as "excellency" for
    /// "Excel"; from 0 to 1.
    package var stem: Float = 0.5
    /// True to drop English stop words from a query that has other words.
    package var dropsStopWords = true
    /// True to require a minimum number of the query's positions (minimum should match); otherwise one is enough.
    package var cuts = true

    /// True to correct unknown terms by similar terms, and queries without a match by homophones.
    package var corrects = true

    /// Creates the default options.
    package init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case k1, b, characters, phrase, whole, shortestWhole, named, volume, request, stem
        case dropsStopWords, cuts, corrects
    }

    /// Decodes the options that differ from the defaults.
    ///
    /// Errors: unknown members, and numbers out of range.
    package init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read(_ key: CodingKeys, _ minimum: Float, _ maximum: Float, _ value: inout Float) throws {
            guard let given = try values.decodeIfPresent(Float.self, forKey: key) else { return }
            guard given >= minimum, given <= maximum else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: values, debugDescription: "\(given) is not between \(minimum) and \(maximum)")
            }
            value = given
        }
        try read(.k1, 0.01, 100, &k1)
        try read(.b, 0, 1, &b)
        try read(.characters, 0, 100, &characters)
        try read(.phrase, 0, 100, &phrase)
        try read(.whole, 0, 100, &whole)
        try read(.shortestWhole, 0, 1, &shortestWhole)
        try read(.named, 0, 100, &named)
        try read(.volume, 0, 100, &volume)
        try read(.request, 0, 1, &request)
        try read(.stem, 0, 1, &stem)
        dropsStopWords = try values.decodeIfPresent(Bool.self, forKey: .dropsStopWords) ?? dropsStopWords
        cuts = try values.decodeIfPresent(Bool.self, forKey: .cuts) ?? cuts
        corrects = try values.decodeIfPresent(Bool.self, forKey: .corrects) ?? corrects
    }
}
