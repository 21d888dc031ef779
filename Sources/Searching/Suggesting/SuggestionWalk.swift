import Analyzer
import Segments

/// A walk through the keys of a segment's suggestions that finds the ranges of those that begin with typed text.
///
/// Typed text may lack blanks of the suggestion (`harrypotter`) or have blanks that the suggestion lacks (`hong lou
/// meng` for the pinyin `hongloumeng`); `addCorrections` also allows one typing error. Blanks between letters and
/// errors have a cost, which is subtracted from the scores of the keys.
///
/// ```swift
/// var walk = SuggestionWalk(index, .beginning, Array("harrypo".utf8))
/// walk.addExact()
/// walk.matches   // one range, of harry potter …, with the cost of a missing blank
/// ```
struct SuggestionWalk {
    /// Keys that begin with typed text.
    struct Match {
        var keys: Range<Int>
        /// The number of bytes of each key that the typed text covers.
        var depth: Int
        /// The cost of what is not exact, in units of `SuggestionScore`.
        var cost: Int
    }

    /// The maximum number of nodes that a walk visits.
    private static let maxNodes = 1024
    /// The minimum length of typed text that is corrected, in letters.
    static let minCorrectedLength = 4

    private let index: SuggestionIndex
    private let typed: [UInt8]
    private let keys: Range<Int>
    /// True for keys that have no blanks: those of pinyin and of initials.
    private let ignoresBlanks: Bool
    private(set) var matches: [Match] = []
    private var nodes = 0

    /// A walk through the keys of a kind for some typed text, which found nothing yet.
    init(_ index: SuggestionIndex, _ start: SuggestionForms.Start, _ typed: [UInt8]) {
        self.index = index
        self.typed = typed
        keys = index.keys(start)
        ignoresBlanks = start == .pinyin || start == .syllable || start == .initials
    }

    /// Adds the keys that begin with the typed text, but for blanks.
    mutating func addExact() {
        if !typed.isEmpty { walk(0, keys, depth: 0) }
    }

    private static let blank = UInt8(ascii: " ")

    /// Follows the typed text from byte `i` on, with and without blanks. `isApart` is true if a blank between letters
    /// had to be added or left out.
    private mutating func walk(_ i: Int, _ keys: Range<Int>, depth: Int, isApart: Bool = false) {
        nodes += 1
        if keys.isEmpty || nodes > Self.maxNodes { return }
        if i == typed.count {
            matches.append(Match(keys: keys, depth: depth, cost: isApart ? MatchCost.tier : 0))
            return
        }
        walk(i + 1, index.narrowed(keys, depth: depth, by: typed[i]), depth: depth + 1, isApart: isApart)
        let isBetweenLetters = i > 0 && typed[i - 1] < 0x80 && typed[i] < 0x80 && !ignoresBlanks
        if typed[i] == Self.blank {
            walk(i + 1, keys, depth: depth, isApart: isApart || isBetweenLetters)
        } else if depth > 0, i == 0 || typed[i - 1] != Self.blank {
            let apart = index.narrowed(keys, depth: depth, by: Self.blank)
            if !apart.isEmpty { walk(i, apart, depth: depth + 1, isApart: isApart || isBetweenLetters) }
        }
    }
}

// MARK: - Typing errors

extension SuggestionWalk {
    /// Adds the keys that begin with the typed text after one edit of a letter: a substitution, an insertion, a
    /// deletion or a transposition of neighbors. Text with digits is never corrected.
    mutating func addCorrections() {
        let letters = typed.count(where: Self.isLetter)
        let hasDigit = typed.contains { $0 &- 0x30 < 10 }
        guard letters >= Self.minCorrectedLength, !hasDigit else { return }
        var keys = keys
        for i in typed.indices {
            if keys.isEmpty { return }
            if Self.isLetter(typed[i]) { edit(i, keys) }
            keys = index.narrowed(keys, depth: i, by: typed[i])
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }

    /// Adds the keys with one edit at byte `i`, up to which they agree with the typed text.
    private mutating func edit(_ i: Int, _ keys: Range<Int>) {
        let cost = MatchCost.tier + (i == 0 ? MatchCost.firstLetter : 0)
        add(typed[(i + 1)...], keys, depth: i, cost)
        if i + 1 < typed.count, Self.isLetter(typed[i + 1]), typed[i] != typed[i + 1] {
            let swapped = index.narrowed(keys, depth: i, by: [typed[i + 1], typed[i]])
            add(typed[(i + 2)...], swapped, depth: i + 2, cost)
        }
        var children: [(UInt8, Range<Int>)] = []
        index.forEachLetter(in: keys, depth: i) { children.append(($0, $1)) }
        for (letter, child) in children where letter != typed[i] && Self.isLetter(letter) {
            add(typed[(i + 1)...], child, depth: i + 1, cost)
            add(typed[i...], child, depth: i + 1, cost)
        }
    }

    /// Adds the keys of a range that continue with the rest of the typed text.
    private mutating func add(_ rest: ArraySlice<UInt8>, _ keys: Range<Int>, depth: Int, _ cost: Int) {
        let continued = index.narrowed(keys, depth: depth, by: rest)
        if !continued.isEmpty { matches.append(Match(keys: continued, depth: depth + rest.count, cost: cost)) }
    }
}
