import Kernels

/// A document as it was added to the index: its stored members in schema order, without those it lacks.
public struct StoredDocument: Sendable, Equatable {
    /// The names and values of the members.
    public var members: [(name: String, value: StoredValue)]

    /// The value of a member; nil when the document lacks it. Complexity: O(members).
    public subscript(name: String) -> StoredValue? { members.first { $0.name == name }?.value }

    /// Returns true if names, values and their order are equal.
    public static func == (a: StoredDocument, b: StoredDocument) -> Bool {
        a.members.elementsEqual(b.members) { $0.name == $1.name && $0.value == $1.value }
    }
}

extension StoredDocument {
    /// Creates the document of a buffer, made of `members`, whether or not they are stored.
    package init(_ document: borrowing DocumentBuffer, _ members: Members) {
        var values = [[StoredValue]](repeating: [], count: members.all.count)
        for i in 0..<document.values.count {
            let value = document.values[i]
            let stored: StoredValue =
                switch value.kind {
                case .text: .text(String(decoding: document.text(value), as: UTF8.self))
                case .integer: .integer(Int64(bitPattern: value.number))
                case .float: .float(Double(bitPattern: value.number))
                case .boolean: .boolean(value.number != 0)
                }
            values[Int(value.member)].append(stored)
        }
        self.init(values, members)
    }

    /// Creates a document of the values of each member, in member order.
    init(_ values: [[StoredValue]], _ members: Members) {
        self.members = zip(members.all, values).compactMap { member, list in
            list.isEmpty ? nil : (member.name, member.multiple ? .list(list) : list[0])
        }
    }
}

extension IndexReader {
    /// True if a document is not deleted.
    package func isLive(_ number: Int) -> Bool {
        let segmentIndex = (bases.lastIndex { $0 <= number }) ?? 0
        return live[segmentIndex]?.contains(number - bases[segmentIndex]) ?? true
    }

    /// Returns the stored document with a number, patched numbers included; with `selected` only the members with
    /// these indexes.
    ///
    /// Errors: `corrupt` when its row cannot be decoded. Complexity: decompresses one block of 16 KB.
    public func document(_ number: Int, members selected: Set<Int>? = nil) throws(IndexError) -> StoredDocument {
        precondition((0..<documents).contains(number), "there is no document \(number)")
        let segmentIndex = (bases.lastIndex { $0 <= number }) ?? 0
        let segment = segments[segmentIndex]
        var decodedRow: [[StoredValue]]?
        let isIntact = segment.rows.withRow(number - bases[segmentIndex]) { decodedRow = decodeRow($0, selected) }
        guard isIntact, var values = decodedRow else {
            throw segment.corrupt(.rows, 0, 0, "the row of document \(number) cannot be decoded")
        }
        let patcher = RowPatcher(members, schema, updates[segmentIndex])
        for (member, bits) in patcher.patchedNumbers(of: number - bases[segmentIndex]) {
            switch (bits, members.all[member].kind) {
            case (let bits?, .float): values[member] = [.float(Double(bitPattern: bits))]
            case (let bits?, .boolean): values[member] = [.boolean(bits != 0)]
            case (let bits?, _): values[member] = [.integer(Int64(bitPattern: bits))]
            case (nil, _): values[member] = []
            }
        }
        if let selected { for i in values.indices where !selected.contains(i) { values[i] = [] } }
        return StoredDocument(values, members)
    }

    /// Replaces `document` by the stored document with a number, made of `members`, with patched numbers.
    ///
    /// Errors: `corrupt` when its row cannot be decoded. Complexity: decompresses one block of 16 KB.
    package func document(_ number: Int, into document: inout DocumentBuffer) throws(IndexError) {
        precondition((0..<documents).contains(number), "there is no document \(number)")
        let segmentIndex = (bases.lastIndex { $0 <= number }) ?? 0
        let segment = segments[segmentIndex]
        var isDecoded = false
        let isIntact = segment.rows.withRow(number - bases[segmentIndex]) { row in
            isDecoded = document.decode(row: row, members)
        }
        guard isIntact, isDecoded else {
            throw segment.corrupt(.rows, 0, 0, "the row of document \(number) cannot be decoded")
        }
        let patcher = RowPatcher(members, schema, updates[segmentIndex])
        for (member, bits) in patcher.patchedNumbers(of: number - bases[segmentIndex]) {
            document.replace(member, members.all[member].kind, bits: bits)
        }
    }

    /// Decodes a row into the values of each member, in member order; nil when it is malformed. Texts of members that
    /// are not selected are skipped.
    private func decodeRow(_ row: UnsafeRawBufferPointer, _ selected: Set<Int>?) -> [[StoredValue]]? {
        var values = [[StoredValue]](repeating: [], count: members.all.count)
        guard let base = row.baseAddress else { return values }
        var reader = ByteReader(base, count: row.count)
        while !reader.isAtEnd {
            let member = reader.length()
            guard member < members.all.count else { return nil }
            switch members.all[member].kind {
            case .text:
                let text = reader.bytes(reader.length())
                if selected?.contains(member) ?? true {
                    values[member].append(.text(String(decoding: text, as: UTF8.self)))
                }
            case .integer: values[member].append(.integer(unzigzag(reader.varint())))
            case .float: values[member].append(.float(Double(bitPattern: reader.integer(UInt64.self))))
            case .boolean: values[member].append(.boolean(reader.varint() != 0))
            }
            if reader.failed { return nil }
        }
        return values
    }
}
