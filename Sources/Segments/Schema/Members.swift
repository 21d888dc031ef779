/// The members of documents that a schema reads, with their numbers: scanners produce values by member number, and
/// segments store them under it.
public struct Members: Sendable, Equatable {
    /// One member of a document.
    package struct Member: Sendable, Equatable {
        /// The member's path in the document.
        package let name: String
        /// The kind of its values.
        package let kind: ValueKind
        /// True if the member may be an array.
        package let multiple: Bool
        /// True if the member is returned with hits.
        package internal(set) var stored: Bool
        /// True if a field reads its text as dates.
        var isDate = false
        /// The maximum number of digits after the decimal point of its numbers; nil for no limit.
        var digits: Int?
        /// True if a field reads its text as keywords, whose length is limited.
        var isKeyword = false
    }

    /// The members in the order the schema first names them; a member's number is its index here.
    package let all: [Member]
    /// The number of the member that each field reads, in schema order.
    package let memberOfField: [Int]
    /// The number of the member that holds the key.
    public let key: Int

    /// Numbers the members that a schema reads.
    package init(_ schema: Schema) {
        var all: [Member] = []
        var memberOfField: [Int] = []
        var memberIndex: [String: Int] = [:]
        for field in schema.fields {
            if memberIndex[field.from] == nil {
                memberIndex[field.from] = all.count
                all.append(
                    Member(name: field.from, kind: field.type.valueKind, multiple: field.multiple, stored: false))
            }
            if field.stored { all[memberIndex[field.from]!].stored = true }
            if field.type == .keyword { all[memberIndex[field.from]!].isKeyword = true }
            switch NumberCodec(field) {
            case .date: all[memberIndex[field.from]!].isDate = true
            case .decimal(let digits):
                all[memberIndex[field.from]!].digits = min(all[memberIndex[field.from]!].digits ?? digits, digits)
            default: break
            }
            memberOfField.append(memberIndex[field.from]!)
        }
        key = schema.field(schema.key).map { memberOfField[$0.index] } ?? 0
        // A hit is identified by its key, so the key is always returned.
        if !all.isEmpty { all[key].stored = true }
        self.all = all
        self.memberOfField = memberOfField
    }
}

extension Members {
    /// Returns the number of the member with a name, the path in the document; nil when the schema reads no such
    /// member.
    ///
    /// Complexity: O(members).
    public func number(of name: String) -> Int? { all.firstIndex { $0.name == name } }

    /// Returns a description of what is wrong with a text of a member; nil when the schema accepts it.
    package func problem(_ member: Int, _ text: UnsafeBufferPointer<UInt8>) -> String? {
        let info = all[member]
        if info.isKeyword, text.count > KeywordRule.maxBytes {
            return
                "\"\(info.name)\" has a keyword of \(text.count) bytes; give at most \(KeywordRule.maxBytes), or make "
                + "it a text field"
        }
        if info.isDate, Timestamp.period(text) == nil {
            return "\"\(info.name)\" expects a date such as 2021-03-04 or 2021-03-04T05:06:07Z, found "
                + "\"\(String(decoding: text.prefix(40), as: UTF8.self))\""
        }
        return nil
    }

    /// Returns a description of what is wrong with a number of a member, given by the bits of its value; nil when the
    /// schema accepts it.
    package func problem(_ member: Int, bits: UInt64) -> String? {
        let info = all[member]
        guard info.kind == .float else { return nil }
        let value = Double(bitPattern: bits)
        guard value.isFinite else { return "\"\(info.name)\" expects a number, found \(value)" }
        guard let digits = info.digits else { return nil }
        let units = NumberCodec.units(value, digits)
        if Double(units) / NumberCodec.power(digits) == value, units.magnitude < 1 << 53 { return nil }
        return
            "\"\(info.name)\" expects an amount with at most \(digits) digits after the decimal point, found \(value)"
    }
}
