/// The liberties that a search takes with the words of a query.
package struct Matching: Sendable, Equatable {
    /// The number of its words that a document must have.
    package enum Words: String, Sendable, CaseIterable {
        /// All of them.
        case all
        /// All of them, or fewer if too few documents have all.
        case most
        /// One of them.
        case any
    }

    /// True if the last word is unfinished: a beginning of words, and the query a beginning of titles.
    package var isUnfinished = false
    /// False to search unknown words as they were typed: without spelling correction, pinyin and homophones.
    package var corrects = true
    /// The words that a document must have.
    package var words = Words.most
    /// True to rank documents that have enough of the words before all that have only some of them.
    package var ranksInTiers = true

    /// The matching of a finished query.
    package init() {}

    /// Parses the value of one parameter.
    ///
    /// Errors: `bad_value` for a value that the parameter does not have.
    mutating func set(_ parameter: String, _ value: String) throws(RequestProblem) {
        func choice(_ choices: [String]) throws(RequestProblem) -> Int {
            if let index = choices.firstIndex(of: value) { return index }
            throw RequestProblem(
                "bad_value", parameter, "\"\(value.prefix(40))\" is no value of \"\(parameter)\"",
                hint: "use \(choices.joined(separator: ", "))")
        }
        switch parameter {
        case "prefix": isUnfinished = try choice(["last", "none"]) == 0
        case "tiers": ranksInTiers = try choice(["auto", "ignore"]) == 0
        case "typo": corrects = try choice(["auto", "off"]) == 0
        default: words = Words.allCases[try choice(Words.allCases.map(\.rawValue))]
        }
    }
}
