package import Analyzer

/// The queries that many clients of a catalog search for, by what somebody types of them: the beginning of the text, of
/// its pinyin or of the initials of its pinyin.
///
/// Immutable and thread-safe. Memory: the forms of `maxQueries` texts at most, about a megabyte.
///
/// ```swift
/// let popular = PopularQueries(["harry potter", "三体"], by: .standard)   // the most popular first
/// popular.matching("santi", limit: 3).map(\.text)                        // ["三体"]
/// ```
package struct PopularQueries: Sendable {
    /// A query, and the part of its text that was typed.
    struct Match: Equatable {
        var text: String
        /// A byte range of `text`; nil if nothing of it is as it was typed.
        var typed: Range<Int>?
    }

    /// A place at which typed text may begin.
    private struct Beginning {
        /// The range of its bytes in `bytes`.
        var bytes: Range<Int>
        /// The index of the query.
        var query: Int
    }

    /// The maximum number of queries.
    package static let maxQueries = 10_000

    /// The texts, the most popular first.
    package let texts: [String]
    private let analyzer: TextAnalyzer
    private let bytes: [UInt8]
    /// The places, in the order of their bytes.
    private let beginnings: [Beginning]

    /// Creates the table of some texts, the most popular first. They are folded as an analyzer folds; of those that are
    /// alike then, such as `harry potter` and `harry-potter`, the first is suggested.
    ///
    /// Complexity: O(places · log places).
    package init(_ texts: [String], by analyzer: TextAnalyzer) {
        self.texts = Array(texts.prefix(Self.maxQueries))
        self.analyzer = analyzer
        var forms = SuggestionForms()
        var known: Set<[UInt8]> = []
        var bytes: [UInt8] = []
        var beginnings: [Beginning] = []
        for (query, text) in self.texts.enumerated() {
            forms.make(text, by: analyzer)
            guard known.insert(Array(forms.text)).inserted else { continue }
            for offset in Self.offsets(forms) {
                let form = forms.bytes.elements[offset...].prefix { $0 != 0 }
                beginnings.append(Beginning(bytes: bytes.count..<bytes.count + form.count, query: query))
                bytes += form
            }
        }
        beginnings.sort { bytes[$0.bytes].lexicographicallyPrecedes(bytes[$1.bytes]) }
        self.bytes = bytes
        self.beginnings = beginnings
    }

    /// The offsets at which typed text may begin: those of the forms, and that after an article. What is only found
    /// inside of a query would hide titles.
    private static func offsets(_ forms: borrowing SuggestionForms) -> [Int] {
        var offsets: [Int] = []
        for index in 0..<forms.keys.count {
            let offset = Int(forms.keys[index].offset)
            if offset == 0 || forms.bytes[offset - 1] == 0 || forms.keys[index].start == .afterArticle {
                offsets.append(offset)
            }
        }
        return offsets
    }

    /// Returns the most popular queries that begin with typed text, at most `limit`.
    ///
    /// Complexity: O(log places + places that begin so).
    func matching(_ typed: String, limit: Int) -> [Match] {
        var forms = SuggestionForms()
        forms.make(typed, by: analyzer)
        let beginning = Array(forms.text)
        guard !beginning.isEmpty else { return [] }
        var best: Set<Int> = []
        for place in beginnings[first(of: beginning)...] {
            guard bytes[place.bytes].starts(with: beginning) else { break }
            best.insert(place.query)
        }
        return best.sorted().prefix(limit).map { query in
            forms.make(texts[query], by: analyzer)
            let offset = Self.offsets(forms).first { forms.bytes.elements[$0...].starts(with: beginning) }
            return Match(
                text: texts[query],
                typed: offset.flatMap { forms.sourceRange(of: $0..<$0 + beginning.count) })
        }
    }

    /// The index of the first place that is not before some bytes.
    private func first(of beginning: [UInt8]) -> Int {
        var (low, high) = (0, beginnings.count)
        while low < high {
            let middle = (low + high) / 2
            if bytes[beginnings[middle].bytes].lexicographicallyPrecedes(beginning) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
