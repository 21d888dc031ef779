import Kernels

/// A copier of rows of stored values that replaces the numbers which were updated after their segment was written.
package struct RowPatcher {
    private let members: Members
    /// For each stored number member the updates of a field that is read from it.
    private let patches: [(member: Int, codec: NumberCodec, patch: ColumnPatch)]

    /// Creates a patcher for the documents of a segment; without `updates`, rows are copied as they are.
    package init(_ members: Members, _ schema: Schema, _ updates: SegmentUpdates?) {
        self.members = members
        var patches: [(member: Int, codec: NumberCodec, patch: ColumnPatch)] = []
        // Several fields may be read from one member; the updates of the first one are used.
        for (column, patch) in (updates?.columns ?? [:]).sorted(by: { $0.key < $1.key })
        where column < schema.fields.count {
            let member = members.memberOfField[column]
            guard let codec = NumberCodec(schema.fields[column]), members.all[member].stored else { continue }
            if !patches.contains(where: { $0.member == member }) { patches.append((member, codec, patch)) }
        }
        self.patches = patches
    }

    /// Returns the updated numbers of a document: the member, and the bits of its value as its kind has them, nil if
    /// the value was removed. Complexity: O(patches).
    func patchedNumbers(of document: Int) -> [(member: Int, bits: UInt64?)] {
        patches.compactMap { member, codec, patch in
            guard let key = patch.value(document) else { return nil }
            return (member, key.map { codec.bits(key: $0) })
        }
    }

    /// Appends a document's row to a store: values that were not updated as they are, updated ones after them. A
    /// corrupt row is cut off where it cannot be decoded.
    package func append(_ row: UnsafeRawBufferPointer, of document: Int, to rows: inout RowStoreWriter) {
        let patched = patchedNumbers(of: document)
        if patched.isEmpty { return rows.append(row: row) }
        var out = GrowableBuffer<UInt8>(capacity: row.count + 64)
        if let base = row.baseAddress {
            var reader = ByteReader(base, count: row.count)
            while !reader.isAtEnd, !reader.failed {
                let start = reader.offset
                let member = reader.length()
                guard member < members.all.count else { break }
                switch members.all[member].kind {
                case .text: _ = reader.bytes(reader.length())
                case .integer, .boolean: _ = reader.varint()
                case .float: _ = reader.integer(UInt64.self)
                }
                if patched.contains(where: { $0.member == member }) { continue }
                out.append(contentsOf: UnsafeRawBufferPointer(rebasing: row[start..<reader.offset]))
            }
        }
        for (member, bits) in patched {
            guard let bits else { continue }
            out.append(varint: UInt64(member))
            switch members.all[member].kind {
            case .float: out.append(littleEndian: bits)
            case .boolean: out.append(varint: bits)
            case .integer, .text: out.append(varint: zigzag(Int64(bitPattern: bits)))
            }
        }
        rows.append(row: UnsafeRawBufferPointer(out.elements))
    }
}
