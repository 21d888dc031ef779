import Kernels
public import Segments
import Storage

/// A batch of changes to an index, in order, each encoded as in the write-ahead log.
///
/// A batch is acknowledged as a whole; each of its changes has its own outcome. Versions are the caller's: a change
/// whose version is not above the document's has no effect. A change without a version always has one, and keeps the
/// document's version.
/// ```swift
/// var document = DocumentBuffer()
/// document.append(writer.members.key, text: "b1")
/// if let title = writer.members.number(of: "title") { document.append(title, text: "Swift") }
/// var batch = WriteBatch()
/// try batch.put(document, writer.members, version: 7)
/// try batch.patch(key: "b2", [("price", .float(36.5))], writer.members)
/// try batch.delete(key: "b3")
/// let outcomes = try writer.write(batch)  // [.created, .patched, .missing]
/// ```
public struct WriteBatch: Sendable {
    /// The encoded changes, back to back.
    private(set) var bytes: [UInt8] = []
    /// The end of each change in `bytes`.
    private(set) var ends: [Int] = []
    /// The number of documents that it may add: new ones, those that replace others, and those with patched texts.
    private(set) var puts = 0
    /// True if its log records depend on the documents that exist: it is applied before it is logged.
    private(set) var readsDocuments = false
    /// The members that its documents and patches are made of; nil while it only deletes.
    private var members: Members?

    /// Creates an empty batch.
    public init() {}

    /// The number of changes.
    public var count: Int { ends.count }
    /// The approximate number of bytes the batch takes up in the log.
    public var byteCount: Int { bytes.count }

    /// Adds a document, or replaces the one with its key; with `onlyNew` a document with that key is kept instead
    /// (`exists`).
    ///
    /// Errors: `document` when it has no key, has a value that the schema refuses, has too many values or more than 1
    /// GB, when the version is negative, or when the batch was made for another schema; the batch is unchanged then.
    /// Complexity: O(bytes of the document).
    public mutating func put(
        _ document: borrowing DocumentBuffer, _ members: Members, version: Int? = nil, onlyNew: Bool = false
    ) throws(IndexError) {
        try Self.check(version)
        try checkFits(members)
        _ = try members.key(of: document)
        try members.check(document)
        var out = Self.head(onlyNew ? .create : .put, version)
        Self.append(document, members, to: &out)
        guard out.count <= LogWriter.maxPayloadBytes else {
            throw .document(problem: "it takes \(out.count) bytes; a document may have 1 GB")
        }
        self.members = members
        puts += 1
        if onlyNew { readsDocuments = true }
        append(out)
    }

    /// Deletes the document with a key.
    ///
    /// Errors: `document` when the key is empty or too long, or the version is negative; the batch is unchanged then.
    public mutating func delete(key: String, version: Int? = nil) throws(IndexError) {
        try Self.check(version)
        try Self.check(key)
        var out = Self.head(.delete, version)
        out.append(varint: UInt64(key.utf8.count))
        out.append(utf8: key)
        append(out)
    }

    /// Appends the values of a document to an encoded change.
    private static func append(
        _ document: borrowing DocumentBuffer, _ members: Members, to out: inout GrowableBuffer<UInt8>
    ) {
        out.append(varint: UInt64(document.values.count))
        for i in 0..<document.values.count {
            let value = document.values[i]
            out.append(varint: UInt64(value.member))
            switch members.all[Int(value.member)].kind {
            case .text:
                out.append(varint: UInt64(value.length))
                out.append(contentsOf: UnsafeRawBufferPointer(document.text(value)))
            case .integer, .float, .boolean: out.append(littleEndian: value.number)
            }
        }
    }

    /// Replaces members of the document with a key; nil removes the values of a member, and a member with several
    /// values is named with each.
    ///
    /// Numbers are replaced in place. If a text is among them, the document is read and added again, for which all
    /// other members must be stored. Errors: `document` when the key is empty or too long, the version is negative, a
    /// member is the key or unknown, a value is of another kind, or a member would be lost; the batch is unchanged
    /// then.
    public mutating func patch(
        key: String, _ values: [(member: String, value: StoredValue?)], _ members: Members, version: Int? = nil
    ) throws(IndexError) {
        try Self.check(version)
        try Self.check(key)
        try checkFits(members)
        var numbered: [(member: Int, value: StoredValue?)] = []
        for (name, value) in values {
            guard let member = members.number(of: name) else {
                throw .document(problem: "the schema has no member \"\(name)\"")
            }
            guard member != members.key else {
                throw .document(
                    problem: "\"\(name)\" is the key, which cannot be patched: delete the document and add it again")
            }
            numbered.append((member, value))
        }
        let isRewrite = numbered.contains { members.all[$0.member].kind == .text }
        var out = Self.head(isRewrite ? .rewrite : .patch, version)
        out.append(varint: UInt64(key.utf8.count))
        out.append(utf8: key)
        if isRewrite {
            try Self.append(rewrite: numbered, members, to: &out)
            puts += 1
            readsDocuments = true
        } else {
            try Self.append(numbers: numbered, members, to: &out)
        }
        self.members = members
        append(out)
    }

    /// Appends the numbers of a patch to an encoded change. Errors: `document`.
    private static func append(
        numbers values: [(member: Int, value: StoredValue?)], _ members: Members, to out: inout GrowableBuffer<UInt8>
    ) throws(IndexError) {
        guard values.count <= members.all.count else {
            throw .document(
                problem: "the patch has \(values.count) values; the schema has \(members.all.count) members")
        }
        out.append(varint: UInt64(values.count))
        for (member, value) in values {
            let bits = try bits(of: value, members.all[member])
            if let problem = bits.flatMap({ members.problem(member, bits: $0) }) { throw .document(problem: problem) }
            out.append(varint: UInt64(member))
            out.append(bits == nil ? 0 : 1)
            out.append(littleEndian: bits ?? 0)
        }
    }

    /// Appends a patch with texts to an encoded change: the members that are replaced, and their values. Errors:
    /// `document`.
    private static func append(
        rewrite values: [(member: Int, value: StoredValue?)], _ members: Members, to out: inout GrowableBuffer<UInt8>
    ) throws(IndexError) {
        let replaced = Set(values.map(\.member))
        for (number, member) in members.all.enumerated() where !member.stored && !replaced.contains(number) {
            throw .document(
                problem: "a text cannot be patched because \"\(member.name)\" is not stored and would be lost: send "
                    + "the whole document, or this member too")
        }
        var document = DocumentBuffer()
        for (member, value) in values {
            switch (value, members.all[member].kind) {
            case (nil, _): break
            case (.text(let text)?, .text): document.append(member, text: text)
            case (let value, let kind):
                guard let bits = try bits(of: value, members.all[member]) else { break }
                document.values.append(DocumentValue(member: member, kind: kind, number: bits))
            }
        }
        try members.check(document)
        append(members: replaced.sorted(), to: &out)
        append(document, members, to: &out)
        guard out.count <= LogWriter.maxPayloadBytes else {
            throw .document(problem: "the patch takes \(out.count) bytes; a document may have 1 GB")
        }
    }

    /// Returns the bits of a patch's value in its member's kind; nil removes the value. Errors: `document`.
    private static func bits(of value: StoredValue?, _ member: Members.Member) throws(IndexError) -> UInt64? {
        switch (value, member.kind) {
        case (nil, _): return nil
        case (.integer(let number)?, .integer): return UInt64(bitPattern: number)
        case (.integer(let number)?, .float): return Double(number).bitPattern
        case (.float(let number)?, .float): return number.bitPattern
        case (.boolean(let isTrue)?, .boolean): return isTrue ? 1 : 0
        default:
            throw .document(
                problem: "\"\(member.name)\" expects \(member.kind.displayName), found another kind of value")
        }
    }

    /// Refuses members other than those that the batch was made for. Changes are checked when they are added, so an
    /// index only compares members, and decodes each change once.
    ///
    /// Errors: `document`. Complexity: O(members).
    func checkFits(_ members: Members) throws(IndexError) {
        guard let ownMembers = self.members, ownMembers != members else { return }
        throw .document(problem: "the change does not fit the index: it was made for another schema")
    }

    /// Calls `body` with the bytes of each change, in order.
    func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            for end in ends {
                body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
        }
    }

    /// Returns a record which states that a manifest holds everything before it.
    static func mark(_ sequence: Int) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: 16)
        out.append(ChangeKind.mark.rawValue)
        out.append(littleEndian: UInt64(sequence))
        return Array(out.elements)
    }

    /// Returns the manifest's number in such a record; nil for any other record, and for a number that no manifest can
    /// have.
    static func markedSequence(_ record: UnsafeRawBufferPointer) -> Int? {
        guard record.count == 9, record[0] == ChangeKind.mark.rawValue else { return nil }
        let number = record.loadUnaligned(fromByteOffset: 1, as: UInt64.self).littleEndian
        return number < UInt64(IndexFolder.maxNumber) ? Int(number) : nil
    }

    /// Refuses a negative version. Errors: `document`.
    private static func check(_ version: Int?) throws(IndexError) {
        if let version, version < 0 {
            throw .document(problem: "the version \(version) cannot be used; versions are whole numbers from 0")
        }
    }

    /// Refuses an empty key, and one that is longer than a document's key can be. Errors: `document`.
    private static func check(_ key: String) throws(IndexError) {
        if key.isEmpty { throw .document(problem: "the key is empty; every document has one") }
        guard key.utf8.count <= KeywordRule.maxBytes else {
            throw .document(
                problem: "the key has \(key.utf8.count) bytes; no document has a key of more than "
                    + "\(KeywordRule.maxBytes)")
        }
    }

    /// Returns the start of an encoded change: its kind and version.
    private static func head(_ kind: ChangeKind, _ version: Int?) -> GrowableBuffer<UInt8> {
        var out = GrowableBuffer<UInt8>(capacity: 256)
        out.append(kind.rawValue)
        out.append(version == nil ? 0 : 1)
        if let version { out.append(varint: UInt64(version)) }
        return out
    }

    /// Appends an encoded change.
    private mutating func append(_ change: borrowing GrowableBuffer<UInt8>) {
        bytes += change.elements
        ends.append(bytes.count)
    }

    /// Returns the log record of a document to put.
    static func put(
        _ document: borrowing DocumentBuffer, _ members: Members, version: Int?
    ) -> GrowableBuffer<UInt8> {
        var out = head(.put, version)
        append(document, members, to: &out)
        return out
    }

    /// Returns the log record of a patch with texts, which has the whole document that it made.
    static func rewritten(
        _ document: borrowing DocumentBuffer, _ change: Change, _ members: Members
    ) -> GrowableBuffer<UInt8> {
        var out = head(.rewritten, change.version)
        out.append(varint: UInt64(change.key.count))
        out.append(contentsOf: UnsafeRawBufferPointer(change.key))
        append(members: change.replaced, to: &out)
        append(document, members, to: &out)
        return out
    }

    /// Returns the log record of a change without effect, for a document with a key.
    static func nothing(_ key: UnsafeBufferPointer<UInt8>) -> GrowableBuffer<UInt8> {
        var out = head(.patch, nil)
        out.append(varint: UInt64(key.count))
        out.append(contentsOf: UnsafeRawBufferPointer(key))
        out.append(varint: 0)
        return out
    }

    private static func append(members: [Int], to out: inout GrowableBuffer<UInt8>) {
        out.append(varint: UInt64(members.count))
        for member in members { out.append(varint: UInt64(member)) }
    }
}

/// The operation of a change. The numbers are in write-ahead logs: never reuse one.
enum ChangeKind: UInt8 {
    case put = 1
    case delete = 2
    case patch = 3
    /// No change: the last record of a log that a commit ended.
    case mark = 4
    /// Replace members with texts; the log has `rewritten` instead.
    case rewrite = 5
    /// Put a document unless there is one with its key; the log has `put`, or a patch of nothing.
    case create = 6
    /// Put the document that a rewrite made, with the members that it replaced.
    case rewritten = 7

    /// True if the change has a whole document.
    var hasDocument: Bool { self == .put || self == .create || self == .rewritten }

    /// True if logs have changes of this kind; otherwise batches alone.
    var isLogged: Bool { self != .rewrite && self != .create }
}

/// The outcome of one change.
public enum WriteOutcome: Sendable, Equatable {
    /// The document was added.
    case created
    /// The document replaced the one with its key.
    case updated
    /// The document was deleted.
    case deleted
    /// Members of the document were replaced.
    case patched
    /// There is no document with that key.
    case missing
    /// The document has this version already, or a later one: the change had no effect.
    case stale(version: Int)
    /// There is a document with the key of one that must be new: the change had no effect.
    case exists
    /// The document cannot be what the patch would make of it: the change had no effect.
    case refused(problem: String)
}
