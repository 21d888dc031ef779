import Segments

extension IndexReader {
    /// Checks the query trees of a search and the number of their clauses. Errors: `request`. Complexity: O(clauses).
    func validate(
        _ query: Query?, _ others: [Query], _ limits: SearchLimits, _ memory: SearchMemory
    ) throws(IndexError) {
        if let query { try validate(query, memory) }
        for query in others { try validate(query, memory) }
        let clauses = others.reduce(query?.clauseCount ?? 0) { $0 + $1.clauseCount }
        guard clauses <= limits.clauses else {
            throw .request(problem: "the query has \(clauses) clauses; at most \(limits.clauses) are allowed")
        }
    }

    /// Checks the fields and parameters of a query tree against the schema, whatever the index contains.
    ///
    /// Ranges and patterns are checked later, when they are prepared. `boost` is the product of the factors above the
    /// query, which bounds the scores. Errors: `request` with the problem and its remedy. Complexity: O(clauses).
    func validate(_ query: Query, _ memory: SearchMemory, boost: Float = 1, depth: Int = 0) throws(IndexError) {
        guard depth < Query.maxDepth else {
            throw .request(problem: "the query is nested more than \(Query.maxDepth) levels deep")
        }
        let depth = depth + 1
        switch query {
        case .all, .none, .range, .exists, .pattern: return
        case .documents(let documents):
            guard documents.allSatisfy({ $0.score >= 0 && $0.score * boost < 1e30 }) else {
                throw .request(problem: "the score of a listed document must be at least 0 and below 1e30")
            }
        case .term(let name, _): _ = try indexedField(name)
        case .phrase(let name, let terms): try validate(phrase: terms, name)
        case .combined(let fields, _): try memory.check(fields, validate(combined:))
        case .fuzzy(let name, let fuzzy):
            _ = try indexedField(name)
            guard 0...LevenshteinAutomaton.mostEdits ~= fuzzy.edits, fuzzy.prefix >= 0, 1...1000 ~= fuzzy.limit else {
                throw .request(
                    problem: "a fuzzy term needs 0 to \(LevenshteinAutomaton.mostEdits) edits, a prefix of at least 0 "
                        + "and a limit of 1 to 1,000")
            }
        case .sloppyPhrase(let name, let phrase): try validate(phrase, name)
        case .functionScore(let inner, let functions):
            try validate(functions, depth, memory)
            // The product of the functions multiplies the boosts.
            try validate(inner, memory, boost: boost * Float(ScoreFunction.maxProduct), depth: depth)
        case .boosted(let inner, let factor):
            guard factor >= 0, factor.isFinite else {
                throw .request(problem: "a boost of \(factor) is not allowed; use a number of at least 0")
            }
            guard boost * factor < 1e30 else {
                throw .request(problem: "boosts multiply to \(boost * factor); they must stay below 1e30")
            }
            try validate(inner, memory, boost: boost * factor, depth: depth)
        case .constant(let inner, let score):
            guard score >= 0, boost * score < 1e30 else {
                throw .request(
                    problem: "a constant score of \(score) is not allowed; use at least 0, and below 1e30 with boosts")
            }
            try validate(inner, memory, depth: depth)
        case .disjunctionMax(let queries, let tieBreaker):
            guard tieBreaker >= 0, tieBreaker <= 1 else {
                throw .request(problem: "a tie breaker of \(tieBreaker) is not allowed; use 0 to 1")
            }
            for query in queries { try validate(query, memory, boost: boost, depth: depth) }
        case .boolean(let boolean):
            guard boolean.minimumShould ?? 0 >= 0 else {
                throw .request(
                    problem: "a minimum of \(boolean.minimumShould ?? 0) clauses is not allowed; use at least 0")
            }
            for clauses in [boolean.must, boolean.should, boolean.mustNot, boolean.filter] {
                for clause in clauses { try validate(clause, memory, boost: boost, depth: depth) }
            }
        }
    }

    /// Checks a sloppy phrase. Errors: `request`.
    private func validate(_ phrase: SloppyPhrase, _ name: String) throws(IndexError) {
        guard phrase.places.count <= SloppyPhrase.maxPlaces, 0...SloppyPhrase.maxSlop ~= phrase.slop else {
            throw .request(
                problem: "a sloppy phrase has at most \(SloppyPhrase.maxPlaces) places and a slop of 0 to "
                    + "\(SloppyPhrase.maxSlop)")
        }
        try validate(phrase: phrase.places.map { Query.PhraseTerm("", at: $0.position) }, name)
    }

    /// Checks the functions of a function-score query. Errors: `request`.
    private func validate(
        _ functions: [ScoreFunction], _ depth: Int, _ memory: SearchMemory
    ) throws(IndexError) {
        guard functions.count <= ScoreFunction.maxFunctions else {
            throw .request(
                problem: "the query has \(functions.count) score functions; use at most \(ScoreFunction.maxFunctions)")
        }
        for function in functions {
            switch function {
            case .weight(let weight, let query):
                guard weight >= 0, weight <= ScoreFunction.maxProduct else {
                    throw .request(problem: "a weight of \(weight) is not allowed; use 0 to 1,000,000")
                }
                try validate(query, memory, depth: depth)
            case .popularity(let popularity):
                guard popularity.signals.count <= Popularity.maxSignals else {
                    throw .request(
                        problem: "a popularity has \(popularity.signals.count) signals; use at most "
                            + "\(Popularity.maxSignals)")
                }
                for signal in popularity.signals {
                    _ = try numberField(signal.field)
                    guard signal.gain.isUsable else {
                        throw .request(
                            problem: "the popularity by \"\(signal.field)\" needs finite parameters, and gains of 0 to "
                                + "\(Int(Popularity.maxGain))")
                    }
                }
            }
        }
    }

    /// Checks the positions and the field of a phrase. Errors: `request`.
    private func validate(phrase terms: [Query.PhraseTerm], _ name: String) throws(IndexError) {
        let positions = terms.map(\.position)
        if let first = positions.min(), let last = positions.max(), first <= -1 << 31 || last >= 1 << 31 {
            throw .request(problem: "the terms of a phrase are too far apart")
        }
        guard try indexedField(name).type == .text else {
            throw .request(problem: "the field \"\(name)\" is not a text field, which phrases need")
        }
    }

    /// Checks the fields of a combined query. Errors: `request`.
    private func validate(combined fields: [Query.WeightedField]) throws(IndexError) {
        for field in fields {
            guard try indexedField(field.name).type == .text else {
                throw .request(problem: "the field \"\(field.name)\" is not a text field; only those can be combined")
            }
            guard field.weight > 0, field.weight <= 1e6 else {
                throw .request(
                    problem: "a weight of \(field.weight) is not allowed; use more than 0 and at most 1,000,000")
            }
        }
    }
}
