import Segments

/// The members that the documents of a reply have.
package enum RequestedMembers: Sendable, Equatable {
    /// All stored members.
    case all
    /// Only the named ones.
    case only([String])
    /// All but the named ones.
    case allBut([String])

    /// Returns the indexes of the members among those of a catalog; nil for all of them.
    ///
    /// Errors: `unknown_field` for a name of no stored member.
    func indexes(in members: Members) throws(RequestProblem) -> Set<Int>? {
        switch self {
        case .all: return nil
        case .only(let names): return try Self.indexes(names, in: members)
        case .allBut(let names): return Set(members.all.indices).subtracting(try Self.indexes(names, in: members))
        }
    }

    private static func indexes(_ names: [String], in members: Members) throws(RequestProblem) -> Set<Int> {
        var indexes: Set<Int> = []
        for name in names {
            guard let index = members.all.firstIndex(where: { $0.name == name && $0.stored }) else {
                let known = members.all.filter(\.stored).map(\.name).joined(separator: ", ")
                throw RequestProblem(
                    "unknown_field", "fields", "documents have no member \"\(name)\"", hint: "members: \(known)")
            }
            indexes.insert(index)
        }
        return indexes
    }
}

/// Parses the members of a reply: names, or names to leave out, such as `title, author` or `-description, -tags`.
///
/// Grammar: members = (name ("," name)*)? | "-" name ("," "-" name)*. Without names, documents have no members.
enum MembersParser {
    /// Parses the members of a request.
    ///
    /// Errors: `bad_fields` with the position of the first character that is not valid, `fields_too_long`.
    static func parse(_ text: String) throws(RequestProblem) -> RequestedMembers {
        var text = try RequestScanner(
            text, code: "bad_fields", parameter: "fields",
            hint: "use names of members, separated by commas, or names to leave out: -description, -tags", signs: ",")
        let names = try text.list(of: "members", allowsNone: true) { text throws(RequestProblem) in
            (isLeftOut: text.consume("-"), name: try text.name())
        }
        guard let first = names.first else { return .only([]) }
        guard names.allSatisfy({ $0.isLeftOut == first.isLeftOut }) else {
            throw text.problem("names with and without a hyphen exclude each other")
        }
        return first.isLeftOut ? .allBut(names.map(\.name)) : .only(names.map(\.name))
    }
}
