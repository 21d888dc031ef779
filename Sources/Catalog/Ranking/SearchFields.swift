import Analyzer
import Indexer

/// The fields of one analyzer that a shopper's words are looked for in, with those that read the same members
/// otherwise.
///
/// A text field whose analyzer makes words is looked for if the profile gives it a weight. Fields that read the same
/// member and make characters or whole texts of it only add to the score.
struct SearchFields {
    let analyzer: TextAnalyzer
    /// Fields of words, with the profile's weights.
    var words: [Query.WeightedField] = []
    /// Their characters.
    var characters: [Query.WeightedField] = []
    /// How their Chinese characters are read, and the first letters of that.
    var pinyin: [Query.WeightedField] = []
    var initials: [Query.WeightedField] = []
    /// Whole texts of the fields that weigh most: titles.
    var wholes: [String] = []
    /// The fields that weigh most.
    var titles: [String] = []

    /// The groups of a schema, in the order of their first fields.
    static func groups(_ schema: Schema, _ profile: SearchProfile) -> [SearchFields] {
        var groups: [SearchFields] = []
        let heaviest = profile.weights.values.max() ?? 1
        for field in schema.fields {
            guard let weight = profile.weights[field.name], let analyzer = schema.analyzer(field.analyzer) else {
                continue
            }
            let at = groups.firstIndex { $0.analyzer == analyzer } ?? groups.count
            if at == groups.count { groups.append(SearchFields(analyzer: analyzer)) }
            groups[at].words.append(Query.WeightedField(field.name, weight: weight))
            let isTitle = weight == heaviest
            if isTitle { groups[at].titles.append(field.name) }
            for sibling in schema.fields where sibling.from == field.from && sibling.type == .text {
                switch schema.analyzer(sibling.analyzer)?.options.tokens {
                case .characters: groups[at].characters.append(Query.WeightedField(sibling.name, weight: weight))
                case .pinyin: groups[at].pinyin.append(Query.WeightedField(sibling.name, weight: weight))
                case .initials: groups[at].initials.append(Query.WeightedField(sibling.name, weight: weight))
                case .whole: if isTitle { groups[at].wholes.append(sibling.name) }
                default: break
                }
            }
        }
        return groups
    }
}
