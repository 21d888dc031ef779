import TestSupport
import Testing

@testable import Searching
@testable import Segments

@Suite struct PatternTests {
    private static func accepts(_ pattern: PatternNode, _ text: String) throws -> Bool {
        let automaton = try PatternAutomaton(pattern)
        var state = automaton.start
        for scalar in text.unicodeScalars { state = automaton.step(state, scalar.value) }
        return automaton.accepts(state)
    }

    @Test(arguments: [
        ("", [""], ["a"]), ("a|b", ["a", "b"], ["", "ab", "c"]), ("(ab)*c", ["c", "abc", "ababc"], ["ab", "ac"]),
        ("a{2,3}", ["aa", "aaa"], ["a", "aaaa"]), ("a{2,}", ["aa", "aaaaaa"], ["a"]), ("a{0}", [""], ["a"]),
        ("[^a-c]x", ["dx", "書x", "\u{0}x"], ["ax", "x", "cx"]), ("[a-]+", ["a-a"], ["b"]),
        ("[\\]^]", ["]", "^"], ["\\"]),
        ("\\d\\w\\s", ["1_ ", "9z\t"], ["a1 ", "1é "]), ("\\D\\W\\S", ["a-x"], ["1-x", "aax", "a- "]),
        ("a?b+.", ["bx", "abbb", "ab\n"], ["b", "a"]), ("(|x)(|y)", ["", "x", "y", "xy"], ["yx"]),
        ("\\.\\*", [".*"], ["ab"]), ("((a*)*)*", ["", "aaaa"], ["b"]), ("😀.", ["😀書"], ["😀"]),
    ])
    func expressionsMatch(_ text: String, _ matching: [String], _ others: [String]) throws {
        let pattern = try ExpressionParser.parse(text)
        for term in matching { #expect(try Self.accepts(pattern, term), "\(text) and \(term)") }
        for term in others { #expect(try !Self.accepts(pattern, term), "\(text) and \(term)") }
    }

    @Test(arguments: [
        ("(a", 3), ("a)", 2), ("*a", 1), ("a**", 3), ("[a", 3), ("[]", 3), ("[z-a]", 5), ("a{2", 4), ("a{3,2}", 7),
        ("a{x}", 3),
        ("a{9999}", 7), ("\\", 2), ("\\q", 2), ("a|+", 3), ("[\\d-z]", 6),
    ])
    func errorsNameThePosition(_ text: String, _ position: Int) {
        let error = #expect(throws: IndexError.self) { try ExpressionParser.parse(text) }
        #expect("\(error!)".contains("character \(position):"), "\(text): \(error!)")
    }

    @Test func expressionsThatAreTooLargeAreRefused() throws {
        let nested = String(repeating: "(", count: 51) + String(repeating: ")", count: 51)
        #expect(throws: IndexError.self) { try ExpressionParser.parse(nested) }
        #expect(throws: IndexError.self) { try ExpressionParser.parse(String(repeating: "a", count: 1001)) }
        for text in ["((a{100}){100}){100}", "((){1000}){1000}", "(((){999}){999}){999}"] {
            let pattern = try ExpressionParser.parse(text)
            #expect(throws: IndexError.self) { try PatternAutomaton(pattern) }
        }
        // 2^40 states: a state records which of the last 40 letters were an a.
        let automaton = try PatternAutomaton(ExpressionParser.parse(".*a.{40}"))
        var random = SplitMix64(seed: 1)
        var state = automaton.start
        for _ in 0..<200_000 where !automaton.isTooComplex {
            state = automaton.step(state, random.chance(50) ? 0x61 : 0x62)
        }
        #expect(automaton.isTooComplex)
    }

    @Test(arguments: [
        ("ab*", "ab"), ("a?c", "a"), ("\\*x*", "*x"), ("*", ""), ("abc", "abc"), ("", ""), ("\\", "\\"),
        ("a\\\\b?", "a\\b"),
    ])
    func wildcardsHaveTheirLiteralPrefix(_ text: String, _ prefix: String) {
        #expect(PatternNode.wildcard(text).prefix == prefix)
    }

    /// Nested repetitions multiply, but the work for their prefix is bounded.
    @Test func prefixesOfNestedRepetitionsAreBounded() throws {
        for inner in ["a{16}", "(){16}", "(ab|){16}"] {
            var text = inner
            for _ in 0..<40 { text = "(\(text)){16}" }
            let node = try ExpressionParser.parse(text)
            #expect(node.prefix.utf8.count <= 256)
            _ = try? PatternAutomaton(node)
        }
    }

    /// An expression with many classes and repetitions is abandoned.
    @Test func workIsBounded() throws {
        let characters = String(String.UnicodeScalarView((0..<400).compactMap { Unicode.Scalar(0x4E00 + 2 * $0) }))
        let automaton = try PatternAutomaton(ExpressionParser.parse("([\(characters)]{0,50}){0,48}"))
        var random = SplitMix64(seed: 81)
        var steps = 0
        while !automaton.isTooComplex, steps < 200_000 {
            var state = automaton.start
            for _ in 0..<40 where automaton.canMatch(state) {
                state = automaton.step(state, 0x4E00 + UInt32(random.below(800)))
                steps += 1
            }
        }
        #expect(automaton.isTooComplex || steps >= 200_000)
    }

    @Test(arguments: [
        ("abc.*", "abc"), ("ab?c", "a"), ("(ab){2}c", "ababc"), ("(ab){2,3}c", "abab"), ("a|b", ""), ("(abc|abd)", ""),
        ("ab+", "ab"), ("a[b]c", "abc"), ("x{0}y", "y"),
    ])
    func expressionsHaveTheirLiteralPrefix(_ text: String, _ prefix: String) throws {
        #expect(try ExpressionParser.parse(text).prefix == prefix)
    }
}

@Suite struct ValueRangeTests {
    private static func contains(_ range: ValueRange, _ number: Double) throws -> Bool {
        let keys = try range.keys("n", .float)
        return keys?.contains(SortKey.of(number)) ?? false
    }

    /// Bounds near the limits of both kinds of numbers, compared without rounding.
    @Test func integersAndFloatsAreComparedExactly() throws {
        let integers: [Int64] = [
            .min, .min + 1, -1, 0, 1, 1 << 53, (1 << 53) + 1, (1 << 53) + 2, .max - 1024, .max - 1, .max,
        ]
        let floats: [Double] = [
            -.infinity, -0x1p63, (-0x1p63).nextUp, -1.5, -0.0, 0, 0.5, 0x1p53, 0x1p53 + 2, 0x1p63, (0x1p63).nextDown,
            1e300,
            .infinity,
        ]
        for integer in integers {
            for float in floats {
                let above = Self.exactOrder(integer, float)
                for isIncluded in [true, false] {
                    let expected = above > 0 || isIncluded && above == 0
                    let lower = ValueRange(lower: .init(.float(float), isIncluded: isIncluded))
                    #expect(try (lower.keys("n", .integer)?.contains(SortKey.of(integer)) ?? false) == expected)
                    let opposite = ValueRange(upper: .init(.integer(integer), isIncluded: isIncluded))
                    #expect(try Self.contains(opposite, float) == expected, "\(float) up to \(integer)")
                    let upper = ValueRange(upper: .init(.float(float), isIncluded: isIncluded))
                    let isBelow = above < 0 || isIncluded && above == 0
                    #expect(try (upper.keys("n", .integer)?.contains(SortKey.of(integer)) ?? false) == isBelow)
                    let from = ValueRange(lower: .init(.integer(integer), isIncluded: isIncluded))
                    #expect(try Self.contains(from, float) == isBelow, "\(float) from \(integer)")
                }
            }
        }
    }

    /// Returns the sign of a − b.
    private static func exactOrder(_ a: Int64, _ b: Double) -> Int {
        if b >= 0x1p63 { return -1 }
        if b < -0x1p63 { return 1 }
        let floor = b.rounded(.down)
        let truncated = Int64(floor)
        return a > truncated ? 1 : a < truncated ? -1 : floor < b ? -1 : 0
    }

    @Test func textsAndNaNAreRefusedAsBounds() {
        for value in [ValueRange.Value.text("3"), .float(.nan)] {
            let range = ValueRange(lower: .init(value))
            #expect(throws: IndexError.self) { try range.keys("n", .float) }
        }
    }
}
