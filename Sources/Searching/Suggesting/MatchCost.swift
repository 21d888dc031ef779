import Analyzer
import Segments

/// The cost of a match, in units of `SuggestionScore`, which is subtracted from the popularity of a suggestion.
///
/// A cost of `tier` is more than any difference in popularity: such matches only follow all better ones. The others
/// were chosen by `Benchmarks/Typing`: lower costs of later words and authors find more popular titles by these, and
/// fewer unpopular ones by their beginnings.
enum MatchCost {
    /// More than the popularity of any text.
    static let tier = 64 * SuggestionScore.doubling
    /// The pinyin of Chinese characters that are there as they were typed, with letters after them.
    static let composed = SuggestionScore.doubling
    /// An edit at the first letter, besides what any edit costs.
    static let firstLetter = 2 * SuggestionScore.doubling
    /// The number of letters from which a later word or an author is as likely to be meant as a title.
    private static let decisiveLength = 4

    /// Returns what a place costs when `length` characters were typed.
    static func place(_ start: SuggestionForms.Start, length: Int) -> Int {
        switch start {
        case .beginning: 0
        case .afterArticle: SuggestionScore.doubling / 2
        case .pinyin: SuggestionScore.doubling
        case .word: length < decisiveLength ? tier : 3 * SuggestionScore.doubling
        case .syllable: tier
        case .initials: 3 * SuggestionScore.doubling
        }
    }

    /// Returns what a match in a text of a kind costs. Readers know authors by any of their names.
    static func match(_ start: SuggestionForms.Start, _ kind: SuggestionKind, _ typed: TypedText) -> Int {
        switch kind {
        case .title: return place(start, length: typed.length)
        case .series: return place(start, length: typed.length) + SuggestionScore.doubling
        case .author:
            let place = start == .word ? 0 : place(start, length: typed.length)
            let isShort = typed.length < decisiveLength && typed.characters.isEmpty
            return place + (isShort ? 6 : 3) * SuggestionScore.doubling
        case .category: return place(start, length: typed.length) + 6 * SuggestionScore.doubling
        }
    }
}
