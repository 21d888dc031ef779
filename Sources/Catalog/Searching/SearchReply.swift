public import Indexer

/// The answer to a search, as it goes over the wire.
public struct SearchReply: Encodable, Sendable {
    /// One hit.
    public struct Hit: Encodable, Sendable {
        /// The document's key.
        public var id: String
        /// Its score; 0 when another order was asked for.
        public var score: Float
        /// Its stored members.
        public var document: StoredDocument
        /// Members with matched words, marked.
        public var highlights: [String: Highlight]
        /// What the score is made of, if it was asked for.
        public var explain: Explanation?
        /// Hits that share its value, in a search that shows one hit of each.
        public var groupSize: Int?

        enum CodingKeys: String, CodingKey {
            case id, score, document, highlights, explain
            case groupSize = "group_size"
        }
    }

    /// Marked text: of a member with one value, or of each value of one with several.
    public enum Highlight: Encodable, Sendable, Equatable {
        case one(String)
        case many([String])

        /// Encodes it as the wire has it.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one(let text): try container.encode(text)
            case .many(let texts): try container.encode(texts)
            }
        }
    }

    /// A facet with its counts over all hits.
    public struct Facet: Encodable, Sendable {
        /// A value, how many hits have it, and whether the request filters by it.
        public struct ListedValue: Encodable, Sendable {
            /// The value.
            public var value: String
            /// Hits that have it.
            public var count: Int
            /// Whether the request filters by it.
            public var selected: Bool
        }

        /// Numbers between two bounds, and how many hits have them.
        public struct Interval: Encodable, Sendable {
            /// The range as a filter takes it, behind the field and a colon.
            public var range: String
            /// The lower bound as it was written; nil where there is none.
            public var from: String?
            /// The upper bound.
            public var to: String?
            /// Hits with a number in the range.
            public var count: Int
        }

        /// A number, or a date as text.
        public enum Edge: Encodable, Sendable, Equatable {
            case number(Double)
            case date(String)

            /// Encodes it as the wire has it.
            public func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                switch self {
                case .number(let number): try container.encode(number)
                case .date(let text): try container.encode(text)
                }
            }
        }

        /// A stretch of a histogram: what `field:from..<to` finds.
        public struct Bar: Encodable, Sendable {
            /// Where it begins.
            public var from: Edge
            /// Where the next one begins.
            public var to: Edge
            /// Hits with a number in it.
            public var count: Int
        }

        /// All numbers of the hits.
        public struct Stats: Encodable, Sendable {
            /// Hits with a number.
            public var count: Int
            /// The least.
            public var min: Edge?
            /// The greatest.
            public var max: Edge?
            /// Their sum; nil for dates, and when it is beyond all numbers.
            public var sum: Double?
            /// Their average.
            public var avg: Double?
        }

        /// The field.
        public var field: String
        /// How its values join: `or` means that any of those selected will do, and that its counts are made without its
        /// own filter.
        public var `operator` = "or"
        /// The most frequent values, and those selected.
        public var values: [ListedValue]?
        /// The counts of the values that are not listed, summed.
        public var other: Int?
        /// The ranges that were asked for.
        public var ranges: [Interval]?
        /// The stretches that have hits.
        public var histogram: [Bar]?
        /// All numbers.
        public var stats: Stats?
        /// How many values there are.
        public var distinct: Int?

        init(field: String) { self.field = field }
    }

    /// What was done to the query.
    public struct Applied: Encodable, Sendable {
        /// Few documents have all the words, so those with some of them are shown as well.
        public var relaxed: Bool
        /// Words that stand in no text and were read as pinyin.
        public var pinyin: [String]
        /// Words that stand in no text and were read as others that are spelt almost like them.
        public var typos: [String]
        /// Synonyms that were looked for as well, as `from → to`.
        public var synonyms: [String]
        /// Quoted words that were looked for as if they were not quoted: they stand nowhere so, or the query is a
        /// sentence.
        public var quotes: [String]
        /// Whether no text has all of the query, and those that sound like it were let in.
        public var homophones: Bool

        init(relaxed: Bool, quotes: [String], _ readings: Readings) {
            self.relaxed = relaxed
            self.quotes = quotes
            pinyin = readings.pinyin.sorted()
            typos = readings.typos.sorted()
            synonyms = readings.synonyms.sorted()
            homophones = readings.homophones
        }
    }

    /// The words as they were given.
    public var query: String
    /// Exact number of hits; at least so many when the answer is partial.
    public var found: Int
    /// Whether time ran out: there may be more hits, better ones, and more than were counted.
    public var partial: Bool
    /// How many hits there are to show, in a search that shows one of each group.
    public var groups: Int?
    /// The page shown, from 1.
    public var page: Int
    /// The last page there is.
    public var pages: Int
    /// Hits on a page.
    public var perPage: Int
    /// Time from request to reply, in milliseconds.
    public var tookMilliseconds: Double
    /// The generation that was searched.
    public var generation: Int
    /// The page's hits.
    public var hits: [Hit]
    /// Where to go on: the cursor behind the last hit, if there may be more.
    public var next: String?
    /// The facets, in the order they were asked for.
    public var facets: [Facet]
    /// What was done to the query.
    public var applied: Applied
    /// The place of the last hit in the order.
    var last: SearchPlace?
    /// Whether there would be more with more time.
    var isLate: Bool

    enum CodingKeys: String, CodingKey {
        case query, found, partial, groups, page, pages, generation, hits, next, facets, applied
        case perPage = "per_page"
        case tookMilliseconds = "took_ms"
    }
}

extension StoredDocument: Encodable {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Encodes it as the wire has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in members { try container.encode(value, forKey: Name(name)) }
    }
}

extension StoredValue: Encodable {
    /// Encodes it as the wire has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .integer(let number): try container.encode(number)
        case .float(let number): try container.encode(number)
        case .boolean(let isTrue): try container.encode(isTrue)
        case .list(let values): try container.encode(values)
        }
    }
}

extension Explanation: Encodable {
    private enum CodingKeys: String, CodingKey {
        case what, matches, value, details
    }

    /// Encodes it as the wire has it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(what, forKey: .what)
        try container.encode(matches, forKey: .matches)
        if !details.isEmpty { try container.encode(details, forKey: .details) }
    }
}
