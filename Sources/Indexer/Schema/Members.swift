/// The members of documents that a schema reads, numbered: what scanners write and segments store.
public struct Members: Sendable {
    /// One member of a document.
    public struct Member: Sendable {
        /// Its name in the document.
        public let name: String
        /// What its values are.
        public let kind: ValueKind
        /// Whether it may be an array.
        public let multiple: Bool
        /// Whether it is given back.
        public internal(set) var stored: Bool
        /// Whether a field reads its texts as dates.
        var isDate = false
        /// Digits behind the point that its numbers have at most; nil for any.
        var digits: Int?
        /// Whether a field reads its texts as keywords, which are not long.
        var isKeyword = false
    }

    /// The members in the order the schema first names them.
    public let all: [Member]
    /// The member each field reads.
    public let memberOfField: [Int]
    /// The member that holds the key.
    public let key: Int

    /// The members a schema reads.
    public init(_ schema: Schema) {
        var all: [Member] = []
        var memberOfField: [Int] = []
        var number: [String: Int] = [:]
        for field in schema.fields {
            if number[field.from] == nil {
                number[field.from] = all.count
                all.append(
                    Member(name: field.from, kind: field.type.valueKind, multiple: field.multiple, stored: false))
            }
            if field.stored { all[number[field.from]!].stored = true }
            if field.type == .keyword { all[number[field.from]!].isKeyword = true }
            switch NumberCodec(field) {
            case .date: all[number[field.from]!].isDate = true
            case .decimal(let digits):
                all[number[field.from]!].digits = min(all[number[field.from]!].digits ?? digits, digits)
            default: break
            }
            memberOfField.append(number[field.from]!)
        }
        key = schema.field(schema.key).map { memberOfField[$0.index] } ?? 0
        // A hit is named by its key, so the key is always given back.
        if !all.isEmpty { all[key].stored = true }
        self.all = all
        self.memberOfField = memberOfField
    }
}

extension Members {
    /// What is wrong with a text of a member; nil when nothing is.
    func problem(_ member: Int, _ text: UnsafeBufferPointer<UInt8>) -> String? {
        let about = all[member]
        if about.isKeyword, text.count > KeywordRule.longest {
            return
                "\"\(about.name)\" has a keyword of \(text.count) bytes; give at most \(KeywordRule.longest), or make "
                + "it a text field"
        }
        if about.isDate, Moment.period(text) == nil {
            return "\"\(about.name)\" expects a date such as 2021-03-04 or 2021-03-04T05:06:07Z, found "
                + "\"\(String(decoding: text.prefix(40), as: UTF8.self))\""
        }
        return nil
    }

    /// What is wrong with a number of a member, by the bits of its value; nil when nothing is.
    func problem(_ member: Int, bits: UInt64) -> String? {
        let about = all[member]
        guard about.kind == .float else { return nil }
        let value = Double(bitPattern: bits)
        guard value.isFinite else { return "\"\(about.name)\" expects a number, found \(value)" }
        guard let digits = about.digits else { return nil }
        let units = NumberCodec.units(value, digits)
        if Double(units) / NumberCodec.power(digits) == value, units.magnitude < 1 << 53 { return nil }
        return "\"\(about.name)\" expects an amount with at most \(digits) digits behind the point, found \(value)"
    }
}
