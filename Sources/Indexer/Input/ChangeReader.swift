import Analyzer
import Kernels
public import Segments

/// A parser of changes written as JSON objects: a document to put, or an operation on an existing one.
///
/// ```json
/// {"id": "b1", "title": "三体", "price": 38, "_version": 7}
/// {"_patch": "b1", "price": 36.5, "stock": null, "_version": 8}
/// {"_delete": "b1", "_version": 9}
/// ```
/// For one thread at a time; buffers are reused.
/// ```swift
/// var reader = try ChangeReader(live.schema)
/// var batch = WriteBatch()
/// var objects: [UnsafeBufferPointer<UInt8>] = []
/// try ChangeReader.forEachObject(in: body) { objects.append($0) }
/// let keys = try objects.map { try reader.read($0, into: &batch) }
/// let outcomes = try live.write(batch)
/// ```
public struct ChangeReader: ~Copyable {
    private let members: Members
    private var assembler: RecordAssembler
    private var document = DocumentBuffer()
    /// The bytes of the object, if they were ill-formed.
    private var repaired = GrowableBuffer<UInt8>(capacity: 16)
    /// The number of ill-formed characters of the last object that were replaced by U+FFFD: invalid UTF-8, and escapes
    /// of half a surrogate pair.
    public private(set) var repairs = 0

    /// Creates a reader of changes to documents of a schema.
    ///
    /// Errors: none in practice.
    public init(_ schema: Schema) throws(InputError) {
        members = Members(schema)
        let plan = try InputPlan(Mapping(), members, unknown: schema.unknown, file: "changes", others: ChangeMember.all)
        assembler = RecordAssembler(plan)
    }

    /// Parses an object and appends its change to a batch; returns the document's key. With `onlyNew` it must be a
    /// document, which is kept out if there is one with its key. Ill-formed characters become U+FFFD, and `repairs`
    /// counts them.
    ///
    /// Errors: `document` for an object that cannot be used, also for one whose key was repaired, which would be
    /// another key; the batch is unchanged then.
    public mutating func read(
        _ object: UnsafeBufferPointer<UInt8>, into batch: inout WriteBatch, onlyNew: Bool = false
    ) throws(IndexError) -> String {
        try parse(object)
        let version = try version()
        let deletedKey = text(ChangeMember.delete)
        if onlyNew, let other = ChangeMember.all.first(where: { $0 != ChangeMember.version && text($0) != nil }) {
            throw .document(problem: "\"\(other)\" is not allowed with create=true, which takes documents alone")
        }
        guard let patchedKey = text(ChangeMember.patch) else {
            guard let deletedKey else {
                try checkKey(String(decoding: try members.key(of: document), as: UTF8.self))
                try batch.put(document, members, version: version, onlyNew: onlyNew)
                return String(decoding: try members.key(of: document), as: UTF8.self)
            }
            try checkKey(deletedKey)
            guard document.values.count == 0 else {
                throw .document(problem: "\"_delete\" may only be combined with \"_version\"; remove the other members")
            }
            try batch.delete(key: deletedKey, version: version)
            return deletedKey
        }
        if deletedKey != nil { throw .document(problem: "\"_delete\" and \"_patch\" exclude each other; remove one") }
        try checkKey(patchedKey)
        try batch.patch(key: patchedKey, patchedValues(), members, version: version)
        return patchedKey
    }

    /// Parses an object with only the new values of a document, and appends the patch to a batch.
    ///
    /// Errors: `document` for an object that cannot be used; the batch is unchanged then.
    public mutating func readPatch(
        _ object: UnsafeBufferPointer<UInt8>, key: String, version: Int?, into batch: inout WriteBatch
    ) throws(IndexError) {
        try parse(object)
        for name in ChangeMember.all where text(name) != nil {
            throw .document(problem: "\"\(name)\" is not allowed here; remove it")
        }
        try batch.patch(key: key, patchedValues(), members, version: version)
    }

    /// Refuses a key that may have been repaired. In an object with repairs, a U+FFFD of the client's own is refused
    /// as well.
    private func checkKey(_ key: String) throws(IndexError) {
        guard repairs > 0, key.unicodeScalars.contains("\u{FFFD}") else { return }
        throw .document(problem: "the key \"\(key.prefix(40))\" is not valid UTF-8; send the document in UTF-8")
    }

    /// Parses an object into `document` and the assembler's variables.
    private mutating func parse(_ object: UnsafeBufferPointer<UInt8>) throws(IndexError) {
        repairs = 0
        do throws(RecordProblem) {
            assembler.begin(&document)
            var text = object
            if validUTF8Prefix(object) < object.count {
                repaired.removeAll()
                repairs = repairUTF8(object, into: &repaired)
                text = repaired.elements
            }
            var scanner = JSONScanner(text)
            try scanner.read(&assembler, into: &document)
            repairs += scanner.repairs
            try assembler.end(&document)
        } catch {
            throw .document(problem: error.text)
        }
    }

    /// Returns the text of a reserved member; nil when the object lacks it.
    private func text(_ name: String) -> String? {
        assembler.variable(name, document).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Returns the version of the change; nil for none.
    private func version() throws(IndexError) -> Int? {
        guard let text = text(ChangeMember.version) else { return nil }
        guard let version = Int(text), version >= 0 else {
            throw .document(problem: "\"_version\" expects a whole number from 0, found \(text.prefix(40))")
        }
        return version
    }

    /// Returns the values of a patch by member; nil for members given as null.
    private func patchedValues() -> [(member: String, value: StoredValue?)] {
        var patchedValues: [(member: String, value: StoredValue?)] = []
        for i in 0..<document.values.count {
            let value = document.values[i]
            let member = members.all[Int(value.member)]
            switch member.kind {
            case .text:
                patchedValues.append((member.name, .text(String(decoding: document.text(value), as: UTF8.self))))
            case .integer: patchedValues.append((member.name, .integer(Int64(bitPattern: value.number))))
            case .float: patchedValues.append((member.name, .float(Double(bitPattern: value.number))))
            case .boolean: patchedValues.append((member.name, .boolean(value.number != 0)))
            }
        }
        return patchedValues + assembler.nulls.map { (members.all[$0].name, nil) }
    }

    /// Calls `body` with each element of a JSON array, or with the single object, as it is written in `text`.
    ///
    /// The buffers alias `text`. Errors: `document` when it is not JSON, before `body` is called.
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
