import Kernels

/// A change as it stands in a write-ahead log, decoded.
struct Change {
    var kind: ChangeKind
    var version: Int?
    /// The key of a document to delete or patch; empty for a document to put.
    var key: UnsafeBufferPointer<UInt8>
    /// The new numbers of a patch; nil takes a value away.
    var numbers: [(member: Int, bits: UInt64?)] = []

    /// Decodes a change; a document to put goes into `document`. Nil for damaged bytes.
    init?(_ bytes: UnsafeRawBufferPointer, _ members: Members, into document: inout DocumentBuffer) {
        guard let base = bytes.baseAddress else { return nil }
        var reader = ByteReader(base, count: bytes.count)
        guard let kind = ChangeKind(rawValue: reader.integer(UInt8.self)) else { return nil }
        self.kind = kind
        let hasVersion = reader.integer(UInt8.self) == 1
        version = hasVersion ? reader.length() : nil
        key = UnsafeBufferPointer(start: nil, count: 0)
        switch kind {
        case .mark: return nil
        case .put: guard Self.read(&reader, members, into: &document) else { return nil }
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
        }
        guard !reader.failed, reader.isAtEnd, kind == .put || key.count > 0 else { return nil }
    }

    private static func read(
        _ reader: inout ByteReader, _ members: Members, into document: inout DocumentBuffer
    ) -> Bool {
        document.reset()
        let count = reader.length()
        guard !reader.failed, count <= DocumentBuffer.mostValues else { return false }
        for _ in 0..<count {
            let member = reader.length()
            guard member < members.all.count else { return false }
            switch members.all[member].kind {
            case .text:
                let text = reader.bytes(reader.length())
                let start = document.bytes.count
                document.bytes.append(contentsOf: text)
                document.values.append(DocumentValue(member: member, start: start, length: text.count))
            case .integer, .float, .boolean:
                document.values.append(DocumentValue(member: member, number: reader.integer(UInt64.self)))
            }
        }
        return !reader.failed
    }
}

extension WriteBatch {
    /// Refuses changes that a log of an index with these members could not bring back: what is acknowledged must be
    /// readable ever after.
    ///
    /// Errors: `document`. Complexity: O(bytes).
    func check(_ members: Members) throws(IndexError) {
        var document = DocumentBuffer()
        var problem: IndexError?
        forEach { bytes in
            guard problem == nil else { return }
            guard let change = Change(bytes, members, into: &document) else {
                problem = .document(
                    problem: "the change does not fit the index: it was made for another schema, or has more than "
                        + "\(DocumentBuffer.mostValues) values")
                return
            }
            do throws(IndexError) {
                if change.kind == .put {
                    _ = try members.key(of: document)
                    if let wrong = members.problem(of: document) { throw .document(problem: wrong) }
                }
                for (member, bits) in change.numbers {
                    if let wrong = bits.flatMap({ members.problem(member, bits: $0) }) {
                        throw .document(problem: wrong)
                    }
                }
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
    }
}

extension Members {
    /// What is wrong with a document's values; nil when nothing is.
    fileprivate func problem(of document: borrowing DocumentBuffer) -> String? {
        for i in 0..<document.values.count {
            let value = document.values[i]
            let member = Int(value.member)
            let wrong =
                all[member].kind == .text ? problem(member, document.text(value)) : problem(member, bits: value.number)
            if let wrong { return wrong }
        }
        return nil
    }
}
