import Segments

/// The assembler of one record: stores its values where a plan directs them, in members and in the variables of
/// templates.
///
/// Call order for each record: `begin`, then `open` and `add` for its values, then `end`. Functions that throw leave
/// the document incomplete.
struct RecordAssembler: ~Copyable {
    /// The plan of the file.
    let plan: InputPlan
    /// The first byte and the length in `DocumentBuffer.bytes` of each variable; the length is -1 while it has no
    /// value.
    private var variables: [(start: Int, length: Int)]
    /// True for each member that occurred in the record.
    private var seen: [Bool]
    /// The members that were given as `null`.
    private(set) var nulls: [Int] = []

    /// Creates an assembler for the records of one file.
    init(_ plan: InputPlan) {
        self.plan = plan
        variables = Array(repeating: (0, -1), count: plan.variableNames.count)
        seen = Array(repeating: false, count: plan.members.all.count)
    }

    /// Starts a record: removes the values of the one before.
    mutating func begin(_ document: inout DocumentBuffer) {
        document.reset()
        for i in variables.indices { variables[i] = (0, -1) }
        for i in seen.indices { seen[i] = false }
        nulls.removeAll(keepingCapacity: true)
        if let (index, text) = plan.fileVariable {
            variables[index] = (document.bytes.count, text.count)
            text.withUnsafeBytes { document.bytes.append(contentsOf: $0) }
        }
    }

    /// Records that a member occurs. A second occurrence is an error, unless `again` states that it is within an array
    /// of objects and the member may have several values.
    mutating func open(_ member: Int, again: Bool = false) throws(RecordProblem) {
        if seen[member], !again || !plan.members.all[member].multiple {
            throw RecordProblem("\"\(plan.members.all[member].name)\" is given twice; remove one")
        }
        seen[member] = true
    }

    /// Records a member without a value.
    mutating func addNull(_ target: InputPlan.Target) {
        if let member = target.member { nulls.append(member) }
    }

    /// Returns the text of a variable; nil when the record has none. Valid until the document is mutated.
    func variable(_ name: String, _ document: borrowing DocumentBuffer) -> UnsafeBufferPointer<UInt8>? {
        guard let index = plan.variableNames.firstIndex(of: name), variables[index].length >= 0 else { return nil }
        return UnsafeBufferPointer(start: document.bytes.base + variables[index].start, count: variables[index].length)
    }

    /// Adds a text, which the caller has appended to the document's bytes, to a target of the plan.
    ///
    /// With `converts` text is parsed as a number where the member requires it, as in CSV; empty text is then no value.
    mutating func add(
        text start: Int, _ length: Int, _ target: InputPlan.Target, converts: Bool, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        if let variable = target.variable { variables[variable] = (start, length) }
        guard let member = target.member else { return }
        if converts, length == 0 { return }
        if let split = target.split {
            return try addParts(start, length, split, member, converts: converts, &document)
        }
        try append(start, length, member, converts: converts, &document)
    }

    /// Adds the parts of a text between separators, without surrounding spaces; empty parts are no values.
    ///
    /// The parts alias the document's bytes: nothing is copied.
    private func addParts(
        _ start: Int, _ length: Int, _ separator: UInt8, _ member: Int, converts: Bool, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        var from = start
        let end = start + length
        while from <= end {
            var to = from
            while to < end, document.bytes[to] != separator { to += 1 }
            var (first, last) = (from, to)
            while first < last, document.bytes[first] == 0x20 { first += 1 }
            while last > first, document.bytes[last - 1] == 0x20 { last -= 1 }
            if last > first { try append(first, last - first, member, converts: converts, &document) }
            from = to + 1
        }
    }

    /// Refuses a document with too many values.
    private func checkRoom(_ member: Int, _ document: borrowing DocumentBuffer) throws(RecordProblem) {
        guard document.values.count < DocumentBuffer.maxValues else {
            let name = plan.members.all[member].name
            throw RecordProblem(
                "\"\(name)\" brings the document to over \(DocumentBuffer.maxValues) values; split the document")
        }
    }

    /// Appends a text as a value of a member, converted to its kind.
    private func append(
        _ start: Int, _ length: Int, _ member: Int, converts: Bool, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        let info = plan.members.all[member]
        try checkRoom(member, document)
        let text = UnsafeBufferPointer(start: document.bytes.base + start, count: length)
        if info.kind == .text {
            if let problem = plan.members.problem(member, text) { throw RecordProblem(problem) }
            document.values.append(DocumentValue(member: member, kind: .text, start: start, length: length))
            return
        }
        guard converts else { throw mismatch(member, found: "the text \(quoted(text))") }
        if info.kind == .boolean {
            guard let value = parseBoolean(text) else { throw mismatch(member, found: quoted(text)) }
            document.append(member, boolean: value)
        } else {
            try append(number: text, member, found: "", &document)
        }
    }

    /// Appends a number in decimal notation.
    private func append(
        number text: UnsafeBufferPointer<UInt8>, _ member: Int, found: String, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        let info = plan.members.all[member]
        let found = found + (found.isEmpty ? quoted(text) : String(decoding: text.prefix(40), as: UTF8.self))
        if info.kind == .integer {
            guard let value = parseInteger(text) else { throw mismatch(member, found: found) }
            return document.append(member, integer: value)
        }
        guard info.kind == .float, let value = parseNumber(text) else { throw mismatch(member, found: found) }
        if let problem = plan.members.problem(member, bits: value.bitPattern) { throw RecordProblem(problem) }
        document.append(member, float: value)
    }

    /// Adds a number in JSON's notation to a target of the plan.
    mutating func add(
        number text: UnsafeBufferPointer<UInt8>, _ target: InputPlan.Target, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        if let variable = target.variable {
            variables[variable] = (document.bytes.count, text.count)
            document.bytes.append(contentsOf: UnsafeRawBufferPointer(text))
        }
        guard let member = target.member else { return }
        try checkRoom(member, document)
        try append(number: text, member, found: "the number ", &document)
    }

    /// Adds true or false to a target of the plan.
    mutating func add(
        boolean: Bool, _ target: InputPlan.Target, _ document: inout DocumentBuffer
    ) throws(RecordProblem) {
        guard let member = target.member else {
            throw RecordProblem(
                "\"\(String(decoding: target.name, as: UTF8.self))\" expects text for a template, found true or false")
        }
        try checkRoom(member, document)
        guard plan.members.all[member].kind == .boolean else { throw mismatch(member, found: "\(boolean)") }
        document.append(member, boolean: boolean)
    }

    /// Ends a record: fills the members that templates define.
    mutating func end(_ document: inout DocumentBuffer) throws(RecordProblem) {
        for template in plan.templates {
            let start = document.bytes.count
            for part in template.parts {
                switch part {
                case .literal(let bytes): bytes.withUnsafeBytes { document.bytes.append(contentsOf: $0) }
                case .variable(let index):
                    let (from, length) = variables[index]
                    guard length >= 0 else {
                        let member = plan.members.all[template.member].name
                        throw RecordProblem(
                            "\"\(member)\" is made of \"\(plan.variableNames[index])\", "
                                + "which this record does not have")
                    }
                    document.bytes.reserve(length)
                    document.bytes.append(from: document.bytes.base + from, count: length)
                }
            }
            try append(start, document.bytes.count - start, template.member, converts: true, &document)
        }
    }

    /// Returns the error for a value of another kind than its member's.
    func mismatch(_ member: Int, found: String) -> RecordProblem {
        let info = plan.members.all[member]
        return RecordProblem(
            "\"\(info.name)\" expects \(info.kind.displayName), found \(found); "
                + "correct the value or the field's type in the schema")
    }
}

/// Returns a whole number in decimal notation; nil for anything else, or beyond 64 bits.
func parseInteger(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    Int64(String(decoding: text, as: UTF8.self))
}

/// Returns true or false in the notation of tables; nil for anything else.
func parseBoolean(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
    ["true": true, "false": false, "1": true, "0": false][String(decoding: text, as: UTF8.self)]
}

/// Returns a finite number in decimal notation; nil for anything else.
///
/// Up to 15 digits with up to 22 decimals are exact by one division (Clinger, "How to read floating point numbers
/// accurately", 1990); the standard library parses the rest.
func parseNumber(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var digits: UInt64 = 0
    var count = 0
    var decimals = 0
    var seenPoint = false
    var i = 0
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative { i = 1 }
    while i < text.count {
        let byte = text[i]
        if byte == UInt8(ascii: "."), !seenPoint {
            seenPoint = true
        } else if byte &- 0x30 < 10 {
            digits = digits &* 10 &+ UInt64(byte &- 0x30)
            count += 1
            if seenPoint { decimals += 1 }
        } else {
            break
        }
        i += 1
    }
    if i == text.count, count > 0, count <= 15, text.last != UInt8(ascii: ".") {
        let value = Double(digits) / powersOfTen[decimals]
        return isNegative ? -value : value
    }
    guard text.allSatisfy({ $0 &- 0x30 < 10 || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0) }),
        let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite
    else { return nil }
    return value
}

private let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]
