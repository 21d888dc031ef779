/// A language that has a Snowball stemmer. Its raw value is the name in schemas and in the Snowball library.
///
/// ```swift
/// let analyzer = TextAnalyzer("titles", AnalyzerOptions(stemmer: .german, stopWords: .german))
/// Language.english.isStopWord("the")  // true
/// Language.withStopWords              // english, french, german, spanish
/// ```
///
/// Source: Snowball, https://snowballstem.org.
public enum Language: String, Codable, Sendable, CaseIterable {
    case arabic, armenian, basque, catalan, danish, dutch, english, finnish, french, german, greek, hindi, hungarian
    case indonesian, irish, italian, lithuanian, nepali, norwegian, portuguese, romanian, russian, serbian, spanish
    case swedish, tamil, turkish, yiddish

    /// The most frequent words of the language, which carry little meaning; nil when there is no list.
    var stopWords: Set<String>? { Self.lists[self] }

    /// True if a word, given in lower case, is a stop word; false for languages without a list. Complexity: O(1).
    public func isStopWord(_ word: String) -> Bool { stopWords?.contains(word) ?? false }

    /// The languages that have a list of stop words.
    public static var withStopWords: [Language] { allCases.filter { lists[$0] != nil } }

    /// The stop words by language. Words are in lower case, with their diacritics, and have less than 16 bytes.
    private static let lists: [Language: Set<String>] = [
        .english: words(
            """
            a an and are as at be but by for if in into is it no not of on or such that the their then there these they
            this to was will with
            """),
        .german: words(
            """
            aber als am an auch auf aus bei bin bis da das dass dem den der des die doch du durch ein eine einem einen
            einer eines er es für hat ich ihr im in ist ja kein mit nach nicht noch nur oder ohne sich sie sind so und
            vom von vor was wie wir wird zu zum zur über
            """),
        .french: words(
            """
            a au aux avec ce ces dans de des du elle en est et eux il ils je la le les leur lui ma mais me même mes moi
            mon ne nos notre nous on ou par pas pour qu que qui sa se ses son sur ta te tes toi ton tu un une vos votre
            vous y à été
            """),
        .spanish: words(
            """
            a al ante con como de del desde donde el ella en entre era es esta este esto fue ha hay la las le les lo los
            me mi muy más no nos o para pero por que qué se ser si sin sobre son su sus también te tu un una uno y ya yo
            """),
    ]

    private static func words(_ list: String) -> Set<String> {
        Set(list.split(whereSeparator: \.isWhitespace).map(String.init))
    }
}

extension Language {
    /// Words of all languages with suffixes on which versions of the stemmers differ: their stems identify the version
    /// of a stemmer (see `TextAnalyzer.fingerprint`).
    static let probes = """
        generously relational happily operators ponies skies dying exceed communication universe arsenal evening owed
        babies singing hopping agreed ties news inning earring organization knightly consigned vileness yearly idly
        aufeinander kategorien häuser schönsten verfügbaren bücher arbeitete studentinnen mädchens systems
        continuellement majestueusement quantités prévoyance amoureuses vieillissait rapidement nationaux qu’elle
        chicaneros torneo comiendo rápidamente naciones abbandonata propagazione abbandonerebbero rapidamente
        boataria quiséssemos rapidez lichamelijkheid opgelost mogelijkheden beschikbare jaktkarlarne friskt
        undersøgelserne havnedistrikterne absoluttalla edeltäjistään megvalósítások asztalokról bıraktıklarını kitapları
        важнейшие книгами учителей бежавший хорошенько книжечка βιβλίων μαθητές τρέχοντας կազմակերպություն գրքերը
        المكتبات والكتابة يكتبون किताबों लड़कियाँ புத்தகங்கள் किताबहरू autorități cărțile bliadhna leabharlann
        nagusiaren biblioteques perpustakaan menuliskan knygomis rašytojams књигама ביכער געלערנטע שיינקייטן
        գրքերից ուսանողներին գեղեցկությունների bhfoireann mbádóireacht leabharlannaíocht घरहरूमा
        मानिसहरूले விடுகளுக்கு மரங்களில் படிக்கிறார்கள்
        """.split(whereSeparator: \.isWhitespace).map(String.init)
}
