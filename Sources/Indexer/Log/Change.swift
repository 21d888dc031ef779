import Kernels
import Segments

/// A decoded change of a batch, or of a write-ahead log.
///
/// The encoding, written by `WriteBatch`: kind u8 | has a version u8 | version varint if so | for put and create:
/// values varint, of each: member varint, text as length varint and bytes, numbers u64 | otherwise: key length varint,
/// key | for a patch: values varint, of each: member varint, present u8, bits u64 | for rewrite and rewritten: members
/// varint, of each: member varint | values as of a put.
struct Change {
    /// The operation.
    var kind: ChangeKind
    /// The version that the caller gave the change; nil for none.
    var version: Int?
    /// The key of a document to delete or patch, pointing into the log; empty for a document to put.
    var key: UnsafeBufferPointer<UInt8>
    /// The new numbers of a patch; nil removes a value.
    var numbers: [(member: Int, bits: UInt64?)] = []
    /// The members that a rewrite replaces.
    var replaced: [Int] = []

    /// Decodes a change of a batch, or of a log if `isLogged` is true. The document, or the values of a rewrite, are
    /// stored in `document`. Nil for bytes that are never written there.
    ///
    /// Safe for arbitrary bytes: members and kinds fit `members`.
    init?(
        _ bytes: UnsafeRawBufferPointer, _ members: Members, into document: inout DocumentBuffer, isLogged: Bool
    ) {
        guard let base = bytes.baseAddress else { return nil }
        var reader = ByteReader(base, count: bytes.count)
        guard let kind = ChangeKind(rawValue: reader.integer(UInt8.self)) else { return nil }
        if isLogged ? !kind.isLogged : kind == .rewritten { return nil }
        self.kind = kind
        let hasVersion = reader.integer(UInt8.self) == 1
        version = hasVersion ? reader.length() : nil
        key = UnsafeBufferPointer(start: nil, count: 0)
        switch kind {
        case .mark: return nil
        case .put, .create: guard Self.read(&reader, members, into: &document) else { return nil }
        case .delete: key = reader.bytes(reader.length()).bindMemory(to: UInt8.self)
        case .patch:
            key = reader.bytes(reader.length()).bindMemory(to: UInt8.self)
            let count = reader.length()
            guard !reader.failed, count <= members.all.count else { return nil }
            for _ in 0..<count {
                let member = reader.length()
                let isPresent = reader.integer(UInt8.self) == 1
                let bits = reader.integer(UInt64.self)
                guard member < members.all.count, members.all[member].kind != .text else { return nil }
                numbers.append((member, isPresent ? bits : nil))
            }
        case .rewrite, .rewritten:
            key = reader.bytes(reader.length()).bindMemory(to: UInt8.self)
            let count = reader.length()
            guard !reader.failed, count <= members.all.count else { return nil }
            for _ in 0..<count { replaced.append(reader.length()) }
            guard replaced.allSatisfy({ $0 < members.all.count }), Self.read(&reader, members, into: &document) else {
                return nil
            }
        }
        guard !reader.failed, reader.isAtEnd, kind.hasDocument || key.count > 0 else { return nil }
    }

    /// Decodes a document; false for malformed bytes.
    private static func read(
        _ reader: inout ByteReader, _ members: Members, into document: inout DocumentBuffer
    ) -> Bool {
        document.reset()
        let count = reader.length()
        guard !reader.failed, count <= DocumentBuffer.maxValues else { return false }
        for _ in 0..<count {
            let member = reader.length()
            guard member < members.all.count else { return false }
            let kind = members.all[member].kind
            switch kind {
            case .text:
                let text = reader.bytes(reader.length())
                let start = document.bytes.count
                document.bytes.append(contentsOf: text)
                document.values.append(DocumentValue(member: member, kind: .text, start: start, length: text.count))
            case .integer, .float, .boolean:
                document.values.append(DocumentValue(member: member, kind: kind, number: reader.integer(UInt64.self)))
            }
        }
        return !reader.failed
    }
}
