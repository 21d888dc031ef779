extension IndexReader {
    /// Refuses what cannot be asked, whatever the index holds. Ranges and patterns are refused when they are prepared.
    func validate(_ query: Query, boost: Float = 1, depth: Int = 0) throws(IndexError) {
        guard depth < Query.deepest else {
            throw .request(problem: "queries inside queries, more than \(Query.deepest) levels deep")
        }
        let depth = depth + 1
        switch query {
        case .all, .none, .range, .exists, .pattern: return
        case .term(let name, _): _ = try indexedField(name)
        case .phrase(let name, let terms): try validate(phrase: terms, name)
        case .combined(let fields, _): try validate(combined: fields)
        case .fuzzy(let name, let fuzzy):
            _ = try indexedField(name)
            guard 0...LevenshteinAutomaton.mostEdits ~= fuzzy.edits, fuzzy.prefix >= 0, 1...1000 ~= fuzzy.limit else {
                throw .request(
                    problem: "a fuzzy term takes 0 to \(LevenshteinAutomaton.mostEdits) edits, a prefix from 0 on "
                        + "and a limit of 1 to 1,000")
            }
        case .near(let name, let phrase): try validate(phrase, name)
        case .phrasePrefix(let name, let terms, let prefix, let limit):
            guard 1...1000 ~= limit, !prefix.term.isEmpty else {
                throw .request(problem: "a phrase with a beginning at its end needs one, and a limit of 1 to 1,000")
            }
            try validate(LoosePhrase((terms + [prefix]).map { .init([$0.term], at: $0.position) }, slop: 0), name)
        case .scored(let inner, let functions):
            try validate(functions, depth)
            // Products of functions multiply what boosts have made.
            try validate(inner, boost: boost * Float(ScoreFunction.greatest), depth: depth)
        case .boosted(let inner, let factor):
            guard factor >= 0, factor.isFinite else {
                throw .request(problem: "a boost of \(factor) cannot be used; give none below zero")
            }
            guard boost * factor < 1e30 else {
                throw .request(problem: "boosts multiply to \(boost * factor); they must stay below 1e30")
            }
            try validate(inner, boost: boost * factor, depth: depth)
        case .constant(let inner, let score):
            guard score >= 0, boost * score < 1e30 else {
                throw .request(problem: "a constant score of \(score) cannot be used; give none below zero")
            }
            try validate(inner, depth: depth)
        case .best(let queries, let others):
            guard others >= 0, others <= 1 else {
                throw .request(problem: "a share of \(others) for the other clauses cannot be used; give 0 to 1")
            }
            for query in queries { try validate(query, boost: boost, depth: depth) }
        case .boolean(let boolean):
            guard boolean.minimumShould ?? 0 >= 0 else {
                throw .request(problem: "a minimum of \(boolean.minimumShould ?? 0) matching clauses cannot be met")
            }
            for clause in boolean.must + boolean.should + boolean.mustNot + boolean.filter {
                try validate(clause, boost: boost, depth: depth)
            }
        }
    }

    private func validate(_ phrase: LoosePhrase, _ name: String) throws(IndexError) {
        guard phrase.places.count <= LoosePhrase.mostPlaces, 0...LoosePhrase.greatestSlop ~= phrase.slop else {
            throw .request(
                problem:
                    "a phrase takes \(LoosePhrase.mostPlaces) places and a slop of \(LoosePhrase.greatestSlop) at most")
        }
        try validate(phrase: phrase.places.map { Query.PhraseTerm("", at: $0.position) }, name)
    }

    private func validate(_ functions: [ScoreFunction], _ depth: Int) throws(IndexError) {
        guard functions.count <= ScoreFunction.most else {
            throw .request(problem: "\(functions.count) functions of a score; give \(ScoreFunction.most) at most")
        }
        for function in functions {
            switch function {
            case .value(let name, let factor, _, let missing):
                _ = try numberField(name)
                guard factor.isFinite, missing >= 0, missing <= ScoreFunction.greatest else {
                    throw .request(
                        problem:
                            "a function of \"\(name)\" needs a finite factor, and 0 to 1,000,000 where none is"
                    )
                }
            case .decay(let name, let decay):
                _ = try numberField(name)
                guard decay.isUsable else {
                    throw .request(
                        problem:
                            "a decay of \"\(name)\" needs a scale above 0, an offset from 0, a decay between 0 and 1"
                    )
                }
            case .weight(let weight, let query):
                guard weight >= 0, weight <= ScoreFunction.greatest else {
                    throw .request(problem: "a weight of \(weight) cannot be used; give 0 to 1,000,000")
                }
                try validate(query, depth: depth)
            }
        }
    }

    private func validate(phrase terms: [Query.PhraseTerm], _ name: String) throws(IndexError) {
        let places = terms.map(\.position)
        if let first = places.min(), let last = places.max(), first <= -1 << 31 || last >= 1 << 31 {
            throw .request(problem: "the terms of a phrase are too far apart")
        }
        guard try indexedField(name).type == .text else {
            throw .request(problem: "the field \"\(name)\" is no text; phrases need a text field")
        }
    }

    private func validate(combined fields: [Query.WeightedField]) throws(IndexError) {
        for field in fields {
            guard try indexedField(field.name).type == .text else {
                throw .request(problem: "the field \"\(field.name)\" is no text; only text fields can be combined")
            }
            guard field.weight > 0, field.weight <= 1e6 else {
                throw .request(problem: "a weight of \(field.weight) cannot be used; give above 0 to 1,000,000")
            }
        }
    }
}
