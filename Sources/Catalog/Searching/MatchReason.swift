import FoundationEssentials
import Searching

/// A sentence that says why a document is where it is: the words that match, where, and what its popularity adds.
///
/// ```
/// matches 'harry potter' in the title, 'rowling' in the author; +72 % for votes, last because it is sold out
/// ```
struct MatchReason {
    /// The sentence.
    let text: String

    /// The maximum number of members, and of words of each, that are listed.
    private static let maxListed = 3

    /// Writes the sentence from the highlights of a hit, in the order of `members`, and the gains of its numbers.
    init(_ highlights: [String: SearchReply.Highlight], _ members: [String], _ gains: [PopularityGain]) {
        var matches: [String] = []
        for member in members where matches.count < Self.maxListed {
            guard let highlight = highlights[member] else { continue }
            let words = Self.marked(highlight).prefix(Self.maxListed)
            if words.isEmpty { continue }
            matches.append("'" + words.joined(separator: "', '") + "' in the " + Self.words(member))
        }
        var parts = [matches.isEmpty ? "matches the query" : "matches " + matches.joined(separator: ", ")]
        let counts = gains.filter { $0.isDemand && $0.gain > 0 }
        var factors: [String] = []
        if let best = counts.max(by: { $0.gain < $1.gain }) { factors.append(Self.factor(best)) }
        factors += gains.filter { !$0.isDemand && $0.gain > 0 }.map(Self.factor)
        if !factors.isEmpty { parts.append(factors.joined(separator: ", ")) }
        text = parts.joined(separator: "; ")
    }

    /// The share that a number adds, as a manager of a shop reads it.
    private static func factor(_ gain: PopularityGain) -> String {
        let percent = Int((gain.gain * 100).rounded())
        if !gain.signal.isLoss { return "+\(percent) % for \(words(gain.signal.field))" }
        return (gain.gain == 1 ? "last" : "−\(percent) %") + " because it is sold out"
    }

    /// The name of a field or a member in words.
    private static func words(_ name: String) -> String {
        switch MemberRole.normalized(name) {
        case "ratingcount", "ratingscount", "votecount": "votes"
        default: name.map { "_.-".contains($0) ? " " : String($0) }.joined()
        }
    }

    /// The marked texts of a highlight, lower case, without duplicates; neighbors are one text.
    private static func marked(_ highlight: SearchReply.Highlight) -> [String] {
        let texts =
            switch highlight {
            case .one(let text): [text]
            case .many(let texts): texts
            }
        var words: [String] = []
        for text in texts {
            let joined = text.replacing("</mark> <mark>", with: " ").replacing("</mark><mark>", with: "")
            for piece in joined.components(separatedBy: "<mark>").dropFirst() {
                guard let marked = piece.components(separatedBy: "</mark>").first else { continue }
                let word = marked.replacing("&lt;", with: "<").replacing("&gt;", with: ">")
                    .replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&amp;", with: "&")
                    .lowercased()
                if !word.isEmpty, !words.contains(word) { words.append(word) }
            }
        }
        return words
    }
}

extension PopularityGain {
    /// True for a count or a rank, of which only the greatest gain counts.
    fileprivate var isDemand: Bool {
        switch signal.gain {
        case .count, .rank: true
        case .linear, .recency, .soldOut: false
        }
    }
}
