import Kernels
import Storage

/// Changes to an index, in order, each encoded as the write-ahead log keeps it.
///
/// A batch is acknowledged as a whole; each of its changes has its own outcome. Versions are the caller's: a change
/// whose version is not above the document's has no effect. A change without one always has, and leaves the document's
/// version as it is.
public struct WriteBatch: Sendable {
    /// Encoded changes, back to back.
    private(set) var bytes: [UInt8] = []
    /// Where each ends.
    private(set) var ends: [Int] = []

    /// An empty batch.
    public init() {}

    /// Changes in it.
    public var count: Int { ends.count }
    /// Bytes it takes in the log, about.
    public var byteCount: Int { bytes.count }

    /// Greatest version.
    public static let greatestVersion = Int.max

    /// Adds a document, or replaces the one with its key.
    ///
    /// Errors: `document` when it has no key, is longer than 1 GB, or the version is negative.
    public mutating func put(
        _ document: borrowing DocumentBuffer, _ members: Members, version: Int? = nil
    ) throws(IndexError) {
        try Self.check(version)
        _ = try members.key(of: document)
        var out = Self.head(.put, version)
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
        guard out.count <= LogWriter.mostPayload else {
            throw .document(problem: "it takes \(out.count) bytes; a document may have 1 GB")
        }
        take(out)
    }

    /// Deletes the document with a key.
    ///
    /// Errors: `document` when the key is empty or the version is negative.
    public mutating func delete(key: String, version: Int? = nil) throws(IndexError) {
        try Self.check(version)
        try Self.check(key)
        var out = Self.head(.delete, version)
        out.append(varint: UInt64(key.utf8.count))
        out.append(utf8: key)
        take(out)
    }

    /// Gives number members of the document with a key other values; nil takes a value away.
    ///
    /// Errors: `document` when the key is empty, the version is negative, or a member is no number of the schema.
    public mutating func patch(
        key: String, _ values: [(member: String, value: StoredValue?)], _ members: Members, version: Int? = nil
    ) throws(IndexError) {
        try Self.check(version)
        try Self.check(key)
        var out = Self.head(.patch, version)
        out.append(varint: UInt64(key.utf8.count))
        out.append(utf8: key)
        out.append(varint: UInt64(values.count))
        for (name, value) in values {
            guard let member = members.all.firstIndex(where: { $0.name == name }), members.all[member].kind != .text
            else {
                let numbers = members.all.filter { $0.kind != .text }.map(\.name).joined(separator: ", ")
                throw .document(
                    problem: "\"\(name)\" cannot be changed by itself; "
                        + "only numbers, and true or false, can "
                        + "(\(numbers.isEmpty ? "the schema has none" : numbers)): "
                        + "send the whole document")
            }
            out.append(varint: UInt64(member))
            switch (value, members.all[member].kind) {
            case (nil, _):
                out.append(0)
                out.append(littleEndian: UInt64(0))
            case (.integer(let number)?, .integer):
                out.append(1)
                out.append(littleEndian: UInt64(bitPattern: number))
            case (.integer(let number)?, .float):
                out.append(1)
                out.append(littleEndian: Double(number).bitPattern)
            case (.float(let number)?, .float):
                out.append(1)
                out.append(littleEndian: number.bitPattern)
            case (.boolean(let isTrue)?, .boolean):
                out.append(1)
                out.append(littleEndian: UInt64(isTrue ? 1 : 0))
            default:
                let wanted = members.all[member].kind.wanted
                throw .document(problem: "\"\(name)\" takes \(wanted); found another value")
            }
        }
        take(out)
    }

    /// Appends another batch's changes.
    public mutating func append(_ other: WriteBatch) {
        ends += other.ends.map { $0 + bytes.count }
        bytes += other.bytes
    }

    /// Calls `body` with the bytes of each change, in order.
    func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { all in
            var start = 0
            for end in ends {
                body(UnsafeRawBufferPointer(rebasing: all[start..<end]))
                start = end
            }
        }
    }

    /// A record that says that a manifest holds everything before it.
    static func mark(_ sequence: Int) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: 16)
        out.append(ChangeKind.mark.rawValue)
        out.append(littleEndian: UInt64(sequence))
        return Array(out.elements)
    }

    /// The manifest's number of such a record; nil for any other, and for a number no manifest has.
    static func markedSequence(_ record: UnsafeRawBufferPointer) -> Int? {
        guard record.count == 9, record[0] == ChangeKind.mark.rawValue else { return nil }
        let number = record.loadUnaligned(fromByteOffset: 1, as: UInt64.self).littleEndian
        return number < UInt64(IndexFolder.greatestNumber) ? Int(number) : nil
    }

    private static func check(_ version: Int?) throws(IndexError) {
        if let version, version < 0 {
            throw .document(problem: "the version \(version) cannot be used; versions are whole numbers from 0")
        }
    }

    private static func check(_ key: String) throws(IndexError) {
        if key.isEmpty { throw .document(problem: "the key is empty; every document has one") }
    }

    private static func head(_ kind: ChangeKind, _ version: Int?) -> GrowableBuffer<UInt8> {
        var out = GrowableBuffer<UInt8>(capacity: 256)
        out.append(kind.rawValue)
        out.append(version == nil ? 0 : 1)
        if let version { out.append(varint: UInt64(version)) }
        return out
    }

    private mutating func take(_ change: borrowing GrowableBuffer<UInt8>) {
        bytes += change.elements
        ends.append(bytes.count)
    }
}

/// What a change does. The numbers are in write-ahead logs: never reuse one.
enum ChangeKind: UInt8 {
    case put = 1
    case delete = 2
    case patch = 3
    /// No change: what a commit ends a log with.
    case mark = 4
}

/// What became of a change.
public enum WriteOutcome: Sendable, Equatable {
    /// The document is new.
    case created
    /// It replaced the one with its key.
    case updated
    /// The document is gone.
    case deleted
    /// Numbers of the document have other values.
    case patched
    /// There is no document with that key.
    case missing
    /// The document has this version already, or a later one: nothing was done.
    case stale(version: Int)
}
