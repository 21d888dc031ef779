import Kernels

/// A document as it was given to the index: its members in the schema's order, those it lacks left out.
public struct StoredDocument: Sendable, Equatable {
    /// Names and values.
    public var members: [(name: String, value: StoredValue)]

    /// The value of a member.
    public subscript(name: String) -> StoredValue? { members.first { $0.name == name }?.value }

    /// Whether names, values and their order are the same.
    public static func == (a: StoredDocument, b: StoredDocument) -> Bool {
        a.members.elementsEqual(b.members) { $0.name == $1.name && $0.value == $1.value }
    }
}

extension IndexReader {
    /// The stored document of a hit.
    ///
    /// Errors: `corrupt` when its row cannot be decoded. Complexity: decompresses one block of 16 KB.
    public func document(_ number: Int) throws(IndexError) -> StoredDocument {
        precondition((0..<documents).contains(number), "there is no document \(number)")
        let at = (bases.lastIndex { $0 <= number }) ?? 0
        let segment = segments[at]
        var found: [[StoredValue]]?
        let isFine = segment.rows.withRow(number - bases[at]) { found = decodeRow($0) }
        guard isFine, var values = found else {
            throw segment.corrupt(.rows, 0, 0, "the row of document \(number) cannot be decoded")
        }
        for (member, bits) in RowPatcher(members, schema, changes[at]).changes(of: number - bases[at]) {
            switch (bits, members.all[member].kind) {
            case (let bits?, .float): values[member] = [.float(Double(bitPattern: bits))]
            case (let bits?, .boolean): values[member] = [.boolean(bits != 0)]
            case (let bits?, _): values[member] = [.integer(Int64(bitPattern: bits))]
            case (nil, _): values[member] = []
            }
        }
        var document = StoredDocument(members: [])
        for (member, list) in zip(members.all, values) where !list.isEmpty {
            document.members.append((member.name, member.multiple ? .list(list) : list[0]))
        }
        return document
    }

    private func decodeRow(_ row: UnsafeRawBufferPointer) -> [[StoredValue]]? {
        var values = [[StoredValue]](repeating: [], count: members.all.count)
        guard let base = row.baseAddress else { return values }
        var reader = ByteReader(base, count: row.count)
        while !reader.isAtEnd {
            let member = reader.length()
            guard member < members.all.count else { return nil }
            switch members.all[member].kind {
            case .text: values[member].append(.text(String(decoding: reader.bytes(reader.length()), as: UTF8.self)))
            case .integer: values[member].append(.integer(unzigzag(reader.varint())))
            case .float: values[member].append(.float(Double(bitPattern: reader.integer(UInt64.self))))
            case .boolean: values[member].append(.boolean(reader.varint() != 0))
            }
            if reader.failed { return nil }
        }
        return values
    }
}
