package import Searching

/// A generator of random queries for an index: existing and unknown terms, phrases that occur in documents and others
/// that do not, and combinations of them up to three levels deep.
package struct RandomQueries: Sendable {
    private var random: SplitMix64
    private let index: NaiveIndex
    private let textFields: [String]
    private let keywords: [String: [TermBytes]]
    private let numberFields: [String]

    /// A generator of queries for the fields of an index. The same seed yields the same queries.
    package init(
        _ index: NaiveIndex, textFields: [String], keywordFields: [String], numberFields: [String] = [], seed: UInt64
    ) {
        self.index = index
        self.numberFields = numberFields
        self.textFields = textFields
        keywords = Dictionary(uniqueKeysWithValues: keywordFields.map { ($0, index.terms($0)) })
        random = SplitMix64(seed: seed)
    }

    /// A random query.
    package mutating func next() -> Query {
        random.chance(30) ? leaf() : boolean(depth: 1 + random.below(3))
    }

    /// A random term query on a text field.
    package mutating func term() -> Query {
        let field = random.pick(textFields)
        return .term(field: field, word(field))
    }

    /// A random filter: one of several values, a range, a word, sometimes any query.
    package mutating func filter() -> Query {
        switch random.below(5) {
        case 0, 1: .or([keyword(), keyword(), keyword()])
        case 2: range()
        case 3: .or([term(), term()])
        default: next()
        }
    }

    /// A random phrase query.
    package mutating func phrase() -> Query {
        let field = random.pick(textFields)
        let count = 2 + random.below(3)
        let tokens = someTokens(field)
        guard tokens.count > count, random.chance(70) else {
            return .phrase(field: field, (0..<count).map { .init(word(field), at: $0 + random.below(2)) })
        }
        // Neighbors of a document; some are left out, some repeated, and they are not listed in the order of positions.
        let start = random.below(tokens.count - count)
        var terms = (start..<(start + count)).map { Query.PhraseTerm(text(tokens[$0].term), at: tokens[$0].position) }
        if terms.count > 2, random.chance(30) { terms.remove(at: 1) }
        if random.chance(10) { terms.append(terms[0]) }
        if random.chance(20) { terms.shuffle(using: &random) }
        if random.chance(50) {
            let shift = terms[0].position - 7
            for i in terms.indices { terms[i].position -= shift }
        }
        return .phrase(field: field, terms)
    }

    /// A combination with clauses of every class at every level. It is likely to match: required clauses are
    /// alternatives, excluded ones conjunctions.
    package mutating func nested(depth: Int = 3) -> Query {
        if depth == 0 { return leaf() }
        var boolean = Query.Boolean()
        func anyOf(_ queries: Query...) -> Query { .or(queries) }
        boolean.must = [anyOf(nested(depth: depth - 1), term(), term())]
        boolean.should = [nested(depth: depth - 1), term(), leaf()]
        boolean.mustNot = [.and([nested(depth: depth - 1), keyword(), term()])]
        boolean.filter = [anyOf(nested(depth: depth - 1), term(), keyword())]
        if random.chance(30) { boolean.minimumShould = random.below(3) }
        return .boolean(boolean)
    }

    /// A random query of any class that is not a combination.
    private mutating func leaf() -> Query {
        switch random.below(28) {
        case 27: return .disjunctionMax([term(), documents()], tieBreaker: random.pick([0, 0.3]))
        case 25: return sloppyPhrase()
        case 26: return pattern()
        case 24: return functionScore()
        case 20: return range()
        case 21: return .exists(field: random.pick(textFields + keywords.keys.sorted() + numberFields))
        case 22: return pattern()
        case 23: return fuzzy()
        case 0: return .all
        case 1: return .none
        case 2: return .term(field: random.pick(textFields), "never\(random.below(5))seen")
        case 3...5: return keyword()
        case 6...9: return phrase()
        case 10: return .boosted(term(), random.pick([0, 0.5, 1.5, 3, 1e-3]))
        case 11: return combined()
        case 12: return .constant(random.chance(50) ? term() : phrase(), random.pick([0, 1, 2.5]))
        case 13:
            return .disjunctionMax(
                [term(), random.chance(50) ? phrase() : term(), term()], tieBreaker: random.pick([0, 0.3, 1]))
        default: return term()
        }
    }

    /// A query for random documents with random scores.
    private mutating func documents() -> Query {
        let count = index.documents.isEmpty ? 0 : 1 + random.below(12)
        return .documents(
            (0..<count).map { _ in
                Query.ScoredDocument(random.below(index.documents.count), score: Float(random.below(40)) / 8)
            })
    }

    /// A random range query on a number or keyword field, with two bounds, one or none; bounds are often existing
    /// values.
    package mutating func range() -> Query {
        if !numberFields.isEmpty, random.chance(70) {
            let field = random.pick(numberFields)
            guard index.documents.contains(where: { $0.numbers[field] != nil }) else { return .exists(field: field) }
            var ends = [number(field), number(field)]
            if random.chance(80), NaiveValues.isAfter(ends[0], ends[1]) { ends.swapAt(0, 1) }
            return .range(field: field, bounded(ends[0], ends[1]))
        }
        let field = random.pick(keywords.keys.sorted())
        var ends = [keywordText(field), keywordText(field)].map { random.chance(20) ? String($0.prefix(1)) : $0 }
        if random.chance(80), ends[1].utf8.lexicographicallyPrecedes(ends[0].utf8) { ends.swapAt(0, 1) }
        return .range(field: field, bounded(.text(ends[0]), .text(ends[1])))
    }

    /// A range with some of two bounds.
    private mutating func bounded(_ lower: ValueRange.Value, _ upper: ValueRange.Value) -> ValueRange {
        ValueRange(
            lower: random.chance(80) ? .init(lower, isIncluded: random.chance(60)) : nil,
            upper: random.chance(80) ? .init(upper, isIncluded: random.chance(60)) : nil)
    }

    /// A random bound for a number field, often an existing value or one near it.
    private mutating func number(_ field: String) -> ValueRange.Value {
        // A date can only be compared with a date; the caller has checked that some document has one.
        for _ in 0..<1000 {
            guard let number = random.pick(index.documents).numbers[field] else { continue }
            if case .timestamp = number {} else if random.chance(5) { break }
            switch number {
            case .timestamp(let value):
                let days = value / 86_400_000 + Int64(random.below(3)) - 1
                let text = RandomCorpus.day(days)
                return .text(String(text.prefix(random.pick([4, 7, 10]))))
            case .hundredths(let value):
                let near = value + Int64(random.below(3)) - 1
                return random.chance(20) ? .integer(value / 100) : .float(Double(near) / 100)
            case .integer(let value):
                return random.chance(60)
                    ? .integer(value) : .float(Double(value) + random.pick([0, 0.5, -0.5, 0.001, 1e300]))
            case .float(let value):
                let whole = value.rounded()
                if random.chance(30), abs(whole) < 1e15 { return .integer(Int64(whole)) }
                return .float(random.pick([value, value.nextUp, value.nextDown, -value]))
            }
        }
        return random.pick([
            .integer(0), .integer(.max), .integer(.min), .integer(.max - 1), .float(-0.0), .float(.infinity),
            .float(-.infinity), .float(0x1p63), .float(-0x1p63),
        ])
    }

    private mutating func keywordText(_ field: String) -> String {
        let values = keywords[field] ?? []
        return values.isEmpty ? "none" : text(random.pick(values))
    }

    /// A random pattern query, made from an existing term by replacing some of its characters.
    package mutating func pattern() -> Query {
        let isText = random.chance(60)
        let field = isText ? random.pick(textFields) : random.pick(keywords.keys.sorted())
        let term = isText ? word(field) : keywordText(field)
        let scalars = Array(term.unicodeScalars)
        switch random.below(5) {
        case 0:
            return .pattern(field: field, .any([term, "none such", isText ? word(field) : keywordText(field), term]))
        case 1: return .pattern(field: field, .prefix(string(scalars.prefix(random.below(scalars.count + 1)))))
        case 2, 3:
            var pattern = ""
            for scalar in scalars {
                switch random.below(8) {
                case 0: pattern += "?"
                case 1: pattern += "*"
                case 2: break
                default:
                    pattern +=
                        (random.chance(10) || "*?\\".unicodeScalars.contains(scalar) ? "\\" : "") + string([scalar])
                }
            }
            return .pattern(field: field, .wildcard(pattern + random.pick(["", "", "*", "?"])))
        default: return .pattern(field: field, .expression(expression(scalars.prefix(60), depth: 2)))
        }
    }

    /// A regular expression that often matches the given characters.
    private mutating func expression(_ scalars: ArraySlice<Unicode.Scalar>, depth: Int) -> String {
        var text = ""
        for scalar in scalars {
            switch random.below(14) {
            case 0: text += "."
            case 1: text += "[" + escaped(scalar) + "a-c\\d]"
            case 2: text += "[^x-z" + escaped(random.pick(["q", "w", scalar])) + "]"
            case 3: text += escaped(scalar) + random.pick(["*", "+", "?", "{1,3}", "{0,2}", "{1}", "{1,}"])
            case 4 where depth > 0:
                let other = expression(scalars.prefix(2), depth: depth - 1)
                text += "(" + escaped(scalar) + "|" + other + ")" + random.pick(["", "?", "*", "{1,2}"])
            case 5: text += random.pick([".*", "(ab|)", "\\w*", "\\d?", "\\S"])
            case 6: break
            default: text += escaped(scalar)
            }
        }
        return text
    }

    private func escaped(_ scalar: Unicode.Scalar) -> String {
        let isPlain = scalar.value > 127 || scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
        return (isPlain ? "" : "\\") + string([scalar])
    }

    private func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    /// A random fuzzy query: an existing word with up to two edits.
    package mutating func fuzzy() -> Query {
        let field = random.pick(textFields)
        var scalars = Array(word(field).unicodeScalars.prefix(40))
        for _ in 0..<random.below(3) {
            let index = random.below(scalars.count + 1)
            switch random.below(4) {
            case 0: scalars.insert(random.pick(["a", "e", "s", "書"]), at: index)
            case 1 where index < scalars.count: scalars.remove(at: index)
            case 2 where index < scalars.count: scalars[index] = random.pick(["a", "t", "書"])
            case 3 where index + 1 < scalars.count: scalars.swapAt(index, index + 1)
            default: break
            }
        }
        return .fuzzy(
            field: field,
            FuzzyTerm(
                scalars.isEmpty ? "a" : string(scalars), edits: random.below(3), prefix: random.below(3),
                limit: random.pick([1, 3, 50, 1000])))
    }

    /// A random sloppy phrase: words of a document near each other, out of order or apart, sometimes with alternatives.
    package mutating func sloppyPhrase() -> Query {
        let field = random.pick(textFields)
        let tokens = someTokens(field)
        guard tokens.count > 3 else {
            return .sloppyPhrase(field: field, SloppyPhrase([.init([word(field)], at: 0)], slop: 0))
        }
        let start = random.below(tokens.count - 3)
        var places: [SloppyPhrase.Word] = []
        for _ in 0..<(1 + random.below(3)) {
            let token = tokens[start + random.below(4)]
            var terms = [text(token.term)]
            if random.chance(20) { terms.append(word(field)) }
            places.append(.init(terms, at: random.chance(50) ? token.position : places.count))
        }
        return .sloppyPhrase(field: field, SloppyPhrase(places, slop: random.pick([0, 1, 2, 4, 30])))
    }

    /// A random query whose scores are multiplied by one or two functions.
    package mutating func functionScore() -> Query {
        let base = random.chance(50) ? term() : Query.or([term(), term(), phrase()])
        return .functionScore(
            base,
            by: (0..<(1 + random.below(2))).map { _ in
                if !numberFields.isEmpty, random.chance(50) { return .popularity(popularity()) }
                return .weight(random.pick([0, 0.2, 1, 3.5]), random.chance(50) ? term() : keyword())
            })
    }

    /// A random popularity by one to three number fields.
    package mutating func popularity() -> Popularity {
        Popularity(
            (0...random.below(3)).map { _ in
                let field = random.pick(numberFields)
                let gain: Popularity.Gain =
                    switch random.below(5) {
                    case 0: .count(perTenfold: random.pick([0.15, 2]), most: random.pick([0.4, 5]))
                    case 1: .rank(perTenfold: random.pick([0.1, 1]), last: random.pick([30, 5000]))
                    case 2:
                        .linear(best: random.pick([0.05, 1]), from: random.pick([0, -7]), to: random.pick([5, 300]))
                    case 3:
                        .recency(newest: 0.5, now: random.pick([2000, 50, 1.5e12]), halfLife: random.pick([8, 1e10]))
                    default: .soldOut(loss: random.pick([0.5, 1, 0]))
                    }
                return .init(field, gain)
            })
    }

    private mutating func combined() -> Query {
        guard case .term(_, let word) = term() else { return .none }
        let fields = textFields.shuffled(using: &random).prefix(1 + random.below(textFields.count))
        return .combined(
            fields: fields.map { Query.WeightedField($0, weight: random.pick([1, 3, 0.5])) }, word)
    }

    private mutating func keyword() -> Query {
        let field = random.pick(keywords.keys.sorted())
        let values = keywords[field] ?? []
        return .term(field: field, values.isEmpty ? "none" : text(random.pick(values)))
    }

    private mutating func boolean(depth: Int) -> Query {
        var boolean = Query.Boolean()
        func count(_ maximum: Int, _ percent: Int, _ random: inout SplitMix64) -> Int {
            random.chance(percent) ? 1 + random.below(maximum) : 0
        }
        for _ in 0..<count(3, 50, &random) { boolean.must.append(clause(depth)) }
        for _ in 0..<count(4, 60, &random) { boolean.should.append(clause(depth)) }
        for _ in 0..<count(2, 25, &random) { boolean.mustNot.append(clause(depth)) }
        for _ in 0..<count(2, 25, &random) { boolean.filter.append(clause(depth)) }
        if random.chance(20) { boolean.minimumShould = random.below(boolean.should.count + 2) }
        let query = Query.boolean(boolean)
        return random.chance(10) ? .boosted(query, random.pick([0.25, 2, 7.3])) : query
    }

    private mutating func clause(_ depth: Int) -> Query {
        depth > 1 && random.chance(45) ? boolean(depth: depth - 1) : leaf()
    }

    /// A term of a random document, so that frequent terms are frequent in queries as well.
    private mutating func word(_ field: String) -> String {
        let tokens = someTokens(field)
        return tokens.isEmpty ? "nothing" : text(random.pick(tokens).term)
    }

    /// The tokens of a random document in a field; empty if four documents in a row have none.
    private mutating func someTokens(_ field: String) -> [NaiveToken] {
        for _ in 0..<4 where !index.documents.isEmpty {
            let tokens = random.pick(index.documents).tokens[field] ?? []
            if !tokens.isEmpty { return tokens }
        }
        return []
    }

    private func text(_ term: TermBytes) -> String { String(decoding: term, as: UTF8.self) }
}
