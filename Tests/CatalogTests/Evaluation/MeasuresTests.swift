import Testing

@testable import Catalog

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct MeasuresTests {
    /// Calculated by hand: gains 3, 0, 1 against the ideal 3, 1, 1.
    @Test func gainsAreDiscountedByRank() {
        let measures = Measures(["a", "x", "b"], ["a": 2, "b": 1, "c": 1, "x": 0])
        let ideal = 3 + 1 / log2(3) + 1 / log2(4.0)
        #expect(abs(measures.ndcg10 - (3 + 1 / log2(4.0)) / ideal) < 1e-12)
        #expect(measures.mrr10 == 1)
        #expect(measures.success1 == 1)
        #expect(measures.success3 == 1)
        #expect(measures.empty == 0)
        #expect(abs(measures.recall100 - 2.0 / 3) < 1e-12)
    }

    @Test func ranksBeyondTenDoNotCount() {
        let ranking = (0..<10).map { "x\($0)" } + ["a"]
        let measures = Measures(ranking, ["a": 1])
        #expect(measures.ndcg10 == 0)
        #expect(measures.mrr10 == 0)
        #expect(measures.recall100 == 1)
        #expect(measures.success3 == 0)
        #expect(Measures(["x", "y", "a"], ["a": 1]).mrr10 == 1.0 / 3)
        #expect(Measures(["x", "y", "a"], ["a": 1]).success3 == 1)
        #expect(Measures([], ["a": 1]).empty == 1)
        #expect(Measures([], [:]).ndcg10 == 0)
    }

    @Test func hugeGradesHaveFiniteGains() {
        #expect(Measures(["b", "a"], ["a": 5000, "b": 1]).ndcg10.isFinite)
    }

    @Test func numbersAreWrittenWithFixedPlaces() {
        #expect(fixed(.nan, 3) == "nan")
        #expect(fixed(.infinity, 0) == "inf")
        #expect(fixed(-1e300, 2) == "-1e+300")
        #expect(fixed(-1.25, 1) == "-1.3")
        #expect(fixed(0.05, 2) == "0.05")
        #expect(fixed(-0.001, 2) == "0.00")
    }

    /// The 95th percentile of 100 values is the 95th value, not the one after it.
    @Test func percentilesAreTheNearestRank() {
        let hundred = (1...100).map(Double.init)
        #expect([0, 0.5, 0.95, 0.99, 1].map { Evaluation.percentile(hundred, $0) } == [1, 50, 95, 99, 100])
        #expect(Evaluation.percentile([3, 1, 2], 0.5) == 2)
        #expect(Evaluation.percentile([7], 0.99) == 7)
    }

    @Test func mediansOfEvenCountsAreMeans() {
        #expect(Evaluation.median([4, 1, 10]) == 4)
        #expect(Evaluation.median([10, 1, 4, 2]) == 3)
    }

    @Test func controlCharactersDoNotReachTheTerminal() {
        #expect(printable("a\u{1B}[31m\u{7F}\u{9B}b\t\u{202E}中") == "a?[31m??b??中")
    }

    @Test func meansAreOverQueries() {
        let mean = Measures(mean: [Measures(["a"], ["a": 1]), Measures([], ["a": 1])])
        #expect(mean.ndcg10 == 0.5)
        #expect(mean.empty == 0.5)
    }

    /// With n differences of one sign, two of the 2^n assignments are as extreme: p is near 2 / 2^n.
    @Test(arguments: [3, 5, 8])
    func allWinsHaveTheProbabilityOfTwoAssignments(count: Int) {
        let test = PairedTest([Double](repeating: 0.1, count: count))
        #expect(test.wins == count)
        #expect(test.losses == 0)
        #expect(abs(test.difference - 0.1) < 1e-12)
        let exact = 2 / pow(2, Double(count))
        #expect(abs(test.p - exact) < 4 * (exact * (1 - exact) / 10_000).squareRoot() + 2e-4)
    }

    /// Compares the test with an enumeration of all assignments of signs.
    @Test func randomizationAgreesWithEnumeration() {
        let differences = [0.3, -0.1, 0.25, 0.05, -0.2, 0.4, 0.15, -0.05, 0.1, 0.2]
        let sum = abs(differences.reduce(0, +))
        var extreme = 0
        for signs in 0..<1024 {
            let flipped = differences.enumerated().reduce(0.0) {
                $0 + (signs >> $1.offset & 1 == 0 ? 1 : -1) * $1.element
            }
            if abs(flipped) >= sum - 1e-12 { extreme += 1 }
        }
        let exact = Double(extreme) / 1024
        #expect(abs(PairedTest(differences).p - exact) < 0.02)
        #expect(PairedTest(differences) == PairedTest(differences))
        #expect(PairedTest([0, 0, 0]).p == 1)
    }
}

@Suite struct JudgedQueriesTests {
    private func read(_ queries: String, _ judgments: String) throws -> JudgedQueries {
        let shelf = BookShelf()
        let q = try shelf.write("q.tsv", queries)
        let j = try shelf.write("j.tsv", judgments)
        return try JudgedQueries(queries: q, judgments: j)
    }

    @Test func queriesWithoutRelevantDocumentsAreLeftOut() throws {
        let judged = try read("1\tfirst  query\n2\tnone\n3\tbad\n\n", "1 0 a 2\n1\t0\tb\t0\n3 0 c 0\n")
        #expect(judged.queries.map(\.id) == ["1"])
        #expect(judged.leftOut == 2)
        #expect(judged.queries.first?.text == "first  query")
        #expect(judged.queries.first?.grades == ["a": 2, "b": 0])
    }

    @Test func byteOrderMarksAreIgnored() throws {
        #expect(try read("\u{FEFF}1\tq\r\n", "\u{FEFF}1 0 a 1\r\n").queries.map(\.id) == ["1"])
    }

    @Test(
        "errors name the file's line",
        arguments: [
            ("1\tq", "1 0 a", ":1: expected query, iteration"), ("1\tq", "1 0 a x", "whole grade"),
            ("1\tq", "1 0 a 1\n1 0 b 1100", ":2: the grade 1100 is not between 0 and 30"),
            ("1\tq", "1 0 a -1", ":1: the grade -1"),
            ("1\tq\n2\tr\n1\ts", "1 0 a 1", ":3: the query \"1\" is repeated"),
            ("1\tq", "1 0 a 1\n1 0 b 1\n1 0 a 2", ":3: the document \"a\" is judged twice"),
            ("1\tq\nno tab", "1 0 a 1", ":2: expected a query's name"), ("1\tq", "2 0 a 1", "none of its queries"),
        ])
    func refuses(queries: String, judgments: String, problem: String) {
        let error = #expect(throws: CatalogError.self) { try read(queries, judgments) }
        #expect(error.map { "\($0)".contains(problem) } ?? false, "\(String(describing: error))")
    }
}
