import Indexer
import Segments

extension SchemaInference {
    /// The use of a member; nil if no field can read its values.
    ///
    /// Errors: `input(.unusable)` for values of different kinds.
    func use(of member: MemberStatistics, key: MemberStatistics) throws(CatalogError) -> InferredMember.Use? {
        if member.path == key.path { return .key }
        if member.kinds[.nestedArray] != nil { return nil }
        let role = MemberRole(member.path)
        if member.isAll(.integer, .float) {
            if member.isMultiple, !member.isText { return nil }
            if !member.isMultiple { return number(member, role) }
        } else if member.isAll(.boolean) {
            if member.isMultiple, !member.isText { return nil }
            if !member.isMultiple { return .number(.boolean) }
        }
        guard member.isText else { throw mixed(member) }
        return text(member, role)
    }

    /// The use of a member that has numbers only.
    private func number(_ member: MemberStatistics, _ role: MemberRole?) -> InferredMember.Use {
        if role == .identifier, member.isText { return .identifier }
        if role == .price {
            if let currency = currency(of: member), member.decimals <= Currency.digits(currency) {
                return .price(currency)
            }
            return .number(.float)
        }
        return .number(role == .rating || !member.isAll(.integer) ? .float : .integer)
    }

    /// The currency that is the same beside all amounts of a price; nil if there is none.
    private func currency(of price: MemberStatistics) -> String? {
        let outer = price.path.split(separator: ".").dropLast().map { $0 + "." }.joined()
        let currencies = members.filter { member in
            let isSibling = member.path.split(separator: ".").dropLast().map { $0 + "." }.joined() == outer
            return isSibling && MemberRole(member.path) == .currency
        }
        guard let currency = currencies.first, currency.distinct == 1, currency.records >= price.records,
            Currency.isCode(currency.first)
        else { return nil }
        return currency.first
    }

    /// The use of a member that has texts.
    private func text(_ member: MemberStatistics, _ role: MemberRole?) -> InferredMember.Use {
        if role == .link || member.isLink { return .stored }
        switch role {
        case .title, .subtitle, .description: return .text
        case .identifier: return .identifier
        case .author, .series, .category, .publisher: return member.isLong ? .text : .keywordAndText
        case .currency where member.distinct == 1: return .stored
        case .language, .currency: return member.isLong ? .text : .keyword
        default: break
        }
        if member.isDate, !member.isMultiple { return .number(.date) }
        if member.isLong { return .text }
        // Hundreds of codes are no choices, and nobody searches for them.
        if member.isCode, member.distinct > 100 || !member.isRepeating { return .stored }
        return member.isRepeating ? .keyword : .text
    }

    /// Returns the error for a member with values of different kinds.
    private func mixed(_ member: MemberStatistics) -> CatalogError {
        let names: [(SampleRecord.Kind, String)] = [
            (.text, "a text"), (.integer, "a number"), (.float, "a number"), (.boolean, "true or false"),
        ]
        let places = names.compactMap { kind, name in member.kinds[kind].map { "\(name) (\($0.place))" } }
        return unusable(
            "\"\(member.path)\" is \(places.joined(separator: " and ")); write all its values alike, or ignore it in a "
                + "mapping: {\"ignore\": [\"\(member.path)\"]}")
    }
}
