/// Which members are shown with matched words marked.
public enum RequestedHighlights: Sendable, Equatable {
    /// None.
    case none
    /// All that have words: the profile's description as its best passage, the others whole.
    case usual
    /// Some, each in its way.
    case members([RequestedHighlight])
}

/// How a member is shown with matched words marked.
public struct RequestedHighlight: Sendable, Equatable {
    /// The member.
    public var member: String
    /// Whether all of it is shown.
    public var isWhole = false
    /// How many passages to show at most; nil for the best one, as a text and not a list.
    public var passages: Int?
    /// About how many characters a passage has.
    public var length = 160

    /// The best passage of a member, unless told otherwise.
    public init(_ member: String) { self.member = member }

    /// Most passages of a member.
    public static let mostPassages = 20
    /// The lengths a passage may have.
    public static let lengths = 20...2000
    /// Most members.
    public static let most = 50
}

/// Reads what to mark: `true`, `false`, or members, such as `title, description(passages 3; length 120), notes(whole)`.
///
/// Grammar: members = member ("," member)*; member = name ("(" option (";" option)* ")")?; option = "whole" |
/// "passages" number | "length" number.
struct HighlightParser {
    private var member: RequestedHighlight

    /// What a text asks for.
    static func parse(_ text: String) throws(RequestProblem) -> RequestedHighlights {
        switch text.trimmed {
        case "true": return .usual
        case "false": return .none
        default: break
        }
        var text = RequestScanner(
            text, code: "bad_highlight", parameter: "highlight",
            hint: "write true, false, or names of members, separated by commas; behind a name, in parentheses, how to "
                + "show it: description(passages 3; length 120), title(whole)", signs: ",;()")
        let members = try text.list(of: "members", allowsNone: false) { text throws(RequestProblem) in
            var parser = HighlightParser(member: RequestedHighlight(try text.name()))
            try text.options { text throws(RequestProblem) in try parser.readOption(&text) }
            guard !parser.member.isWhole || parser.member.passages == nil else {
                throw text.problem("whole and passages exclude each other")
            }
            return parser.member
        }
        guard members.count <= RequestedHighlight.most else {
            throw text.problem("more than \(RequestedHighlight.most) members")
        }
        return .members(members)
    }

    private mutating func readOption(_ text: inout RequestScanner) throws(RequestProblem) {
        if text.take(word: "whole") {
            member.isWhole = true
        } else if text.take(word: "passages") {
            member.passages = try Self.number(1...RequestedHighlight.mostPassages, &text)
        } else if text.take(word: "length") {
            member.length = try Self.number(RequestedHighlight.lengths, &text)
        } else {
            throw text.problem("expected whole, passages or length")
        }
    }

    private static func number(
        _ range: ClosedRange<Int>, _ text: inout RequestScanner
    ) throws(RequestProblem) -> Int {
        guard let number = Int(try text.value()), range.contains(number) else {
            throw text.problem("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
