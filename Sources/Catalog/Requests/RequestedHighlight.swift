/// The members that a reply highlights.
package enum RequestedHighlights: Sendable, Equatable {
    /// No members.
    case none
    /// All members that have words: the profile's description by its best passage, the others whole.
    case usual
    /// These members, each in its style.
    case members([RequestedHighlight])
}

/// The style in which a member is highlighted.
package struct RequestedHighlight: Sendable, Equatable {
    /// The name of the member.
    package var member: String
    /// True to highlight the whole text instead of passages.
    package var isWhole = false
    /// The maximum number of passages, as a list; nil for the best one, as a text.
    package var passages: Int?
    /// The approximate length of a passage, in characters.
    package var length = 160

    /// Creates a style that shows the best passage of a member.
    package init(_ member: String) { self.member = member }

    /// The maximum number of passages of a member.
    package static let maxPassages = 20
    /// The valid lengths of a passage, in characters.
    package static let passageLengths = 20...2000
    /// The maximum number of members.
    package static let maxMembers = 50
}

/// Parses highlights: `true`, `false`, or members, such as `title, description(passages 3; length 120), notes(whole)`.
///
/// Grammar: members = member ("," member)*; member = name ("(" option (";" option)* ")")?; option = "whole" |
/// "passages" number | "length" number.
struct HighlightParser {
    private var member: RequestedHighlight

    /// Parses the highlights of a request.
    ///
    /// Errors: `bad_highlight` with the position of the first character that is not valid, `highlight_too_long`.
    static func parse(_ text: String) throws(RequestProblem) -> RequestedHighlights {
        switch text.trimmed {
        case "true": return .usual
        case "false": return .none
        default: break
        }
        var text = try RequestScanner(
            text, code: "bad_highlight", parameter: "highlight",
            hint: "use true, false, or names of members, separated by commas; after a name, in parentheses, how to "
                + "show it: description(passages 3; length 120), title(whole)", signs: ",;()")
        let members = try text.list(of: "members", allowsNone: false) { text throws(RequestProblem) in
            var parser = HighlightParser(member: RequestedHighlight(try text.name()))
            try text.options { text throws(RequestProblem) in try parser.readOption(&text) }
            guard !parser.member.isWhole || parser.member.passages == nil else {
                throw text.problem("whole and passages exclude each other")
            }
            return parser.member
        }
        guard members.count <= RequestedHighlight.maxMembers else {
            throw text.problem("more than \(RequestedHighlight.maxMembers) members")
        }
        return .members(members)
    }

    /// Parses one option.
    private mutating func readOption(_ text: inout RequestScanner) throws(RequestProblem) {
        if text.consume(word: "whole") {
            member.isWhole = true
        } else if text.consume(word: "passages") {
            member.passages = try Self.number(1...RequestedHighlight.maxPassages, &text)
        } else if text.consume(word: "length") {
            member.length = try Self.number(RequestedHighlight.passageLengths, &text)
        } else {
            throw text.problem("expected whole, passages or length")
        }
    }

    private static func number(_ range: ClosedRange<Int>, _ text: inout RequestScanner) throws(RequestProblem) -> Int {
        guard let number = Int(try text.value()), range.contains(number) else {
            throw text.problem("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
