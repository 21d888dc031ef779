import Kernels

extension DocumentBuffer {
    /// Replaces the document by that of a stored row, made of `members`. Returns false for a malformed row.
    package mutating func decode(row: UnsafeRawBufferPointer, _ members: Members) -> Bool {
        reset()
        guard let base = row.baseAddress else { return true }
        var reader = ByteReader(base, count: row.count)
        while !reader.isAtEnd, !reader.failed {
            let member = reader.length()
            guard member < members.all.count else { return false }
            switch members.all[member].kind {
            case .text:
                let text = reader.bytes(reader.length())
                let start = bytes.count
                bytes.append(contentsOf: text)
                values.append(DocumentValue(member: member, kind: .text, start: start, length: text.count))
            case .integer:
                let number = UInt64(bitPattern: unzigzag(reader.varint()))
                values.append(DocumentValue(member: member, kind: .integer, number: number))
            case .float:
                values.append(DocumentValue(member: member, kind: .float, number: reader.integer(UInt64.self)))
            case .boolean:
                values.append(DocumentValue(member: member, kind: .boolean, number: reader.varint()))
            }
        }
        return !reader.failed
    }

    /// Replaces the value of a number member; nil removes it. `bits` are those of a value of its kind.
    package mutating func replace(_ member: Int, _ kind: ValueKind, bits: UInt64?) {
        remove { $0 == member }
        if let bits { values.append(DocumentValue(member: member, kind: kind, number: bits)) }
    }

    /// Replaces the values of some members by those that another document has.
    package mutating func replace(_ members: [Int], by other: borrowing DocumentBuffer) {
        remove { members.contains($0) }
        for i in 0..<other.values.count {
            var value = other.values[i]
            guard members.contains(Int(value.member)) else { continue }
            if value.kind == .text {
                let text = other.text(value)
                value.start = UInt32(bytes.count)
                bytes.append(contentsOf: UnsafeRawBufferPointer(text))
            }
            values.append(value)
        }
    }

    /// Removes the values of the members for which `isRemoved` returns true.
    package mutating func remove(_ isRemoved: (Int) -> Bool) {
        var kept = 0
        for i in 0..<values.count where !isRemoved(Int(values[i].member)) {
            values[kept] = values[i]
            kept += 1
        }
        values.count = kept
    }
}
