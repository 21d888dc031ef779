import Searching
import Segments

/// Queries for the volume that a query names, however titles write its number.
struct VolumeQueries {
    /// The mention in the query.
    let mention: VolumeMention
    /// Documents whose title, or whose number in a series, has the volume's number.
    let number: Query
    /// Documents in which the number follows the series.
    let volume: Query

    /// The distance, in tokens, that words and signs may take up between a series and the number of its volume.
    private static let slop = 3

    /// Finds the volume of a query; nil if it names none, or if no title has its number.
    ///
    /// Errors: `corrupt` of the index.
    init?(_ query: String, _ groups: [SearchFields], _ reader: IndexReader) throws(IndexError) {
        guard let mention = VolumeMention(query) else { return nil }
        let members = Self.numberFields(reader.schema)
        let inSeries = members.map { Self.query(mention.number, $0) }
        var numbers = inSeries
        var volumes: [Query] = []
        var sets: [Query] = []
        for group in groups {
            let typed = mention.series.split(separator: " ").last.map(String.init) ?? mention.series
            for series in Set([mention.series, typed]) {
                let phrase = AnalyzedQuery(series, group.analyzer).phrase
                guard let last = phrase.terms.last, phrase.terms.count < SloppyPhrase.maxPlaces else { continue }
                let words = phrase.terms.map { SloppyPhrase.Word([$0.term], at: $0.position) }
                let writings = Self.terms(mention.number, after: series, group)
                for title in group.titles {
                    var known: [String] = []
                    for term in writings where try reader.documentFrequency(title, term) > 0 { known.append(term) }
                    if known.isEmpty { continue }
                    numbers += known.map { .term(field: title, $0) }
                    let place = SloppyPhrase.Word(known, at: last.position + 1)
                    sets.append(Self.wholeSet(mention.number, title))
                    volumes.append(.sloppyPhrase(field: title, SloppyPhrase(words + [place], slop: Self.slop)))
                }
                for field in group.words
                where reader.schema.field(field.name).flatMap({ MemberRole($0.field.from) }) == .series {
                    volumes += inSeries.map {
                        .boolean(.init(filter: [.phrase(field: field.name, phrase.terms), $0]))
                    }
                }
            }
        }
        guard !volumes.isEmpty else { return nil }
        self.mention = mention
        number = .or(numbers)
        volume = .boolean(.init(mustNot: sets, filter: [.or(volumes)]))
    }

    /// Titles of that many volumes together: 全6册.
    private static func wholeSet(_ number: Int, _ title: String) -> Query {
        let places = [SloppyPhrase.Word(["全", "共", "套装"], at: 0), .init([String(number)], at: 1)]
        return .sloppyPhrase(field: title, SloppyPhrase(places, slop: 0))
    }

    /// The fields with the number of a document in its series.
    private static func numberFields(_ schema: Schema) -> [Field] {
        schema.fields.filter { field in
            MemberRole.isVolume(field.from) && (field.type == .keyword || field.hasNumbers)
        }
    }

    /// Documents that have a number in a field.
    private static func query(_ number: Int, _ field: Field) -> Query {
        if field.type == .keyword { return .term(field: field.name, String(number)) }
        let bound = ValueRange.Bound(field.type == .float ? .float(Double(number)) : .integer(Int64(number)))
        return .range(field: field.name, ValueRange(lower: bound, upper: bound))
    }

    /// The terms that titles may have for a number after a series, as the analyzer of a group writes them.
    private static func terms(_ number: Int, after series: String, _ group: SearchFields) -> [String] {
        var texts = Numeral.writings(of: number)
        for numeral in Numeral.chineseWritings(of: number) where numeral.count == 1 {
            // Pairs of characters that the numeral is a part of: 第三册, 卷三, and 记三 in 盗墓笔记三.
            texts += ["第", "卷", "之"].map { $0 + numeral }
            if let last = series.last, last.isLetter, !last.isASCII { texts.append(String(last) + numeral) }
        }
        var terms: [String] = []
        for text in texts {
            let analyzed = AnalyzedQuery(text, group.analyzer).phrase.terms
            if analyzed.count == 1, !terms.contains(analyzed[0].term) { terms.append(analyzed[0].term) }
        }
        return terms
    }
}
