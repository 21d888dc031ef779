import Analyzer
import Kernels

/// Reads changes written as JSON objects: a document to put, or what to do with one that is there.
///
/// ```json
/// {"id": "b1", "title": "三体", "price": 38, "_version": 7}
/// {"_patch": "b1", "price": 36.5, "stock": null, "_version": 8}
/// {"_delete": "b1", "_version": 9}
/// ```
public struct ChangeReader: ~Copyable {
    private let members: Members
    private var assembler: RecordAssembler
    private var document = DocumentBuffer()
    private var repaired = GrowableBuffer<UInt8>(capacity: 16)

    /// A reader of changes to documents of a schema.
    ///
    /// Errors: none in practice.
    public init(_ schema: Schema) throws(InputError) {
        members = Members(schema)
        let plan = try InputPlan(
            Mapping(), members, unknown: schema.unknown, file: "changes", others: ChangeMember.all)
        assembler = RecordAssembler(plan)
    }

    /// Appends what an object says to a batch; answers the document's key. Ill-formed UTF-8 becomes U+FFFD.
    ///
    /// Errors: `document` for an object that cannot be used; the batch is as it was.
    public mutating func read(
        _ object: UnsafeBufferPointer<UInt8>, into batch: inout WriteBatch
    ) throws(IndexError) -> String {
        try parse(object)
        let version = try version()
        let deleted = text(ChangeMember.delete)
        guard let patched = text(ChangeMember.patch) else {
            guard let deleted else {
                try batch.put(document, members, version: version)
                return String(decoding: try members.key(of: document), as: UTF8.self)
            }
            guard document.values.count == 0 else {
                throw .document(problem: "\"_delete\" stands alone, or with \"_version\"; remove the other members")
            }
            try batch.delete(key: deleted, version: version)
            return deleted
        }
        if deleted != nil { throw .document(problem: "\"_delete\" and \"_patch\" exclude each other; remove one") }
        try batch.patch(key: patched, changes(), members, version: version)
        return patched
    }

    /// Appends a patch of a document: an object with nothing but its new numbers.
    ///
    /// Errors: `document` for an object that cannot be used; the batch is as it was.
    public mutating func readPatch(
        _ object: UnsafeBufferPointer<UInt8>, key: String, version: Int?, into batch: inout WriteBatch
    ) throws(IndexError) {
        try parse(object)
        for name in ChangeMember.all where text(name) != nil {
            throw .document(problem: "\"\(name)\" has no meaning here; remove it")
        }
        try batch.patch(key: key, changes(), members, version: version)
    }

    private mutating func parse(_ object: UnsafeBufferPointer<UInt8>) throws(IndexError) {
        do throws(RecordProblem) {
            assembler.begin(&document)
            if validUTF8Prefix(object) == object.count {
                var scanner = JSONScanner(object)
                try scanner.read(&assembler, into: &document)
            } else {
                repaired.removeAll()
                _ = repairUTF8(object, into: &repaired)
                var scanner = JSONScanner(repaired.elements)
                try scanner.read(&assembler, into: &document)
            }
            try assembler.end(&document)
        } catch {
            throw .document(problem: error.text)
        }
    }

    private func text(_ name: String) -> String? {
        assembler.variable(name, document).map { String(decoding: $0, as: UTF8.self) }
    }

    private func version() throws(IndexError) -> Int? {
        guard let text = text(ChangeMember.version) else { return nil }
        guard let version = Int(text), version >= 0 else {
            throw .document(problem: "\"_version\" expects a whole number from 0, found \(text.prefix(40))")
        }
        return version
    }

    private func changes() -> [(member: String, value: StoredValue?)] {
        var changes: [(member: String, value: StoredValue?)] = []
        for i in 0..<document.values.count {
            let value = document.values[i]
            let member = members.all[Int(value.member)]
            switch member.kind {
            case .text:
                changes.append((member.name, .text(String(decoding: document.text(value), as: UTF8.self))))
            case .integer: changes.append((member.name, .integer(Int64(bitPattern: value.number))))
            case .float: changes.append((member.name, .float(Double(bitPattern: value.number))))
            case .boolean: changes.append((member.name, .boolean(value.number != 0)))
            }
        }
        return changes + assembler.nulls.map { (members.all[$0].name, nil) }
    }

    /// Calls `body` with each element of a JSON array, or with the one object there is, as it stands in `text`.
    ///
    /// Errors: `document` when it is no JSON, before `body` was called.
    public static func forEachObject(
        in text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(IndexError) {
        var scanner = JSONScanner(text)
        do throws(RecordProblem) {
            for range in try scanner.elements() { body(UnsafeBufferPointer(rebasing: text[range])) }
        } catch {
            throw .document(problem: error.text)
        }
    }
}
