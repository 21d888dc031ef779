import Kernels

/// Copies rows of stored values, with the numbers that were changed since they were written.
struct RowPatcher {
    private let members: Members
    /// For each stored number member the changes of a field that reads it.
    private let patches: [(member: Int, codec: NumberCodec, patch: ColumnPatch)]

    init(_ members: Members, _ schema: Schema, _ changes: SegmentChanges?) {
        self.members = members
        var patches: [(member: Int, codec: NumberCodec, patch: ColumnPatch)] = []
        // Of fields that read one member the first one tells.
        for (column, patch) in (changes?.columns ?? [:]).sorted(by: { $0.key < $1.key })
        where column < schema.fields.count {
            let member = members.memberOfField[column]
            guard let codec = NumberCodec(schema.fields[column]), members.all[member].stored else { continue }
            if !patches.contains(where: { $0.member == member }) { patches.append((member, codec, patch)) }
        }
        self.patches = patches
    }

    /// The numbers of a document that were changed: the member, and the bits of its value, nil when it was taken away.
    func changes(of document: Int) -> [(member: Int, bits: UInt64?)] {
        patches.compactMap { member, codec, patch in
            guard let key = patch.value(document) else { return nil }
            return (member, key.map { codec.bits(key: $0) })
        }
    }

    /// Appends a document's row to a store.
    func append(_ row: UnsafeRawBufferPointer, of document: Int, to rows: inout RowStoreWriter) {
        let changed = changes(of: document)
        if changed.isEmpty { return rows.append(row: row) }
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
                if changed.contains(where: { $0.member == member }) { continue }
                out.append(contentsOf: UnsafeRawBufferPointer(rebasing: row[start..<reader.offset]))
            }
        }
        for (member, bits) in changed {
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
