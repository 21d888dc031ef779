import Analyzer
import Indexer

/// What a shopper typed, as units that a document should have: words, runs of Chinese, quoted phrases.
///
/// A unit of several tokens (人民银行, node.js, "harry potter") is a phrase. Text in two scripts without a blank
/// (python编程) is two units.
struct QueryUnderstanding {
    /// The query's units in the tokens of one analyzer.
    private struct Unit: Equatable {
        /// Where it begins in the query: part, then byte. Units of different analyzers belong together by it.
        var place: Int
        var tokens: [Query.PhraseTerm]
    }

    private let fields: [(name: String, weight: Float, units: [Unit])]
    private let places: [Int]

    /// Reads a query for the weighted fields of a profile.
    init(_ q: String, _ profile: SearchProfile, _ schema: Schema) {
        let parts = Self.parts(q)
        var byAnalyzer: [String: [Unit]] = [:]
        var fields: [(name: String, weight: Float, units: [Unit])] = []
        for field in schema.fields {
            guard let weight = profile.weights[field.name], let analyzer = TextAnalyzer.named(field.analyzer) else {
                continue
            }
            let units = byAnalyzer[field.analyzer] ?? Self.units(parts, analyzer)
            byAnalyzer[field.analyzer] = units
            fields.append((field.name, weight, units))
        }
        self.fields = fields
        places = Set(fields.flatMap { $0.units.map(\.place) }).sorted()
    }

    /// Whether the query has nothing to look for but blanks and punctuation.
    var isEmpty: Bool { places.isEmpty }

    /// Documents that have every unit, each in whichever field.
    var strict: Query {
        .and(places.map { place in anyField { $0.filter { $0.place == place }.map(\.tokens) } })
    }

    /// Documents that have any token: what is tried when no document has every unit. Nil when that is the same.
    var relaxed: Query? {
        let most = fields.map { $0.units.reduce(0) { $0 + $1.tokens.count } }.max() ?? 0
        guard most > 1 else { return nil }
        return anyField { units in
            var seen: Set<String> = []
            return units.flatMap(\.tokens).filter { seen.insert($0.term).inserted }.map { [$0] }
        }
    }

    /// A should over all fields, of the phrases that `choose` makes of a field's units.
    private func anyField(_ choose: ([Unit]) -> [[Query.PhraseTerm]]) -> Query {
        .or(
            fields.flatMap { name, weight, units in
                choose(units).map { tokens in
                    let query: Query =
                        tokens.count == 1 ? .term(field: name, tokens[0].term) : .phrase(field: name, tokens)
                    return weight == 1 ? query : .boosted(query, weight)
                }
            })
    }

    /// Quoted phrases and blank-separated chunks. A quote that is never closed is no quote.
    private static func parts(_ q: String) -> [(text: String, isQuoted: Bool)] {
        let straight = String(q.map { "“”„«»".contains($0) ? "\"" : $0 })
        let pieces = straight.split(separator: "\"", omittingEmptySubsequences: false)
        var parts: [(text: String, isQuoted: Bool)] = []
        for (number, piece) in pieces.enumerated() {
            let isQuoted = number % 2 == 1 && number < pieces.count - 1
            if isQuoted {
                parts.append((String(piece), true))
            } else {
                parts += piece.split(whereSeparator: \.isWhitespace).map { (String($0), false) }
            }
        }
        return parts
    }

    private static func units(_ parts: [(text: String, isQuoted: Bool)], _ analyzer: TextAnalyzer) -> [Unit] {
        var units: [Unit] = []
        var tokens = TokenBuffer()
        for (number, (text, isQuoted)) in parts.enumerated() {
            analyzer.analyze(text, into: &tokens)
            var wasWord: Bool?
            for i in 0..<tokens.count where tokens.isRequired(i) {
                let term = Query.PhraseTerm(
                    String(decoding: tokens.term(i), as: UTF8.self), at: Int(tokens.position[i]))
                let kind = TokenKind(rawValue: tokens.kind[i]) ?? .word
                let isWord = kind != .bigram && kind != .unigram
                if isQuoted && wasWord != nil || isWord == wasWord {
                    units[units.count - 1].tokens.append(term)
                } else {
                    units.append(Unit(place: number << 32 | tokens.sourceRange(of: i).lowerBound, tokens: [term]))
                }
                wasWord = isWord
            }
        }
        return units
    }
}
