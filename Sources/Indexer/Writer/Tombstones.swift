import Kernels
import Storage

/// Versions of documents that were deleted, so that an older change that comes late does not bring them back.
///
/// Only deletions with a version are remembered, and only the newest of them.
struct Tombstones {
    /// Most that are remembered.
    static let most = 65_536
    /// "QUIREDEL" in the order of the file's bytes.
    private static let magic: UInt64 = 0x4C45_4445_5249_5551

    private var versions: [[UInt8]: (version: Int, serial: Int)] = [:]
    /// Keys in the order of their deletions. Only the entry with a key's own serial counts: it may have come back
    /// since.
    private var order: [(key: [UInt8], serial: Int)] = []
    /// Entries of `order` that count no more.
    private var forgotten = 0
    /// Raised by every change.
    private(set) var revision = 0

    init() {}

    var count: Int { versions.count }

    func version(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
        versions.isEmpty ? nil : versions[Array(key)]?.version
    }

    mutating func remember(_ key: UnsafeBufferPointer<UInt8>, _ version: Int) {
        revision += 1
        let key = Array(key)
        versions[key] = (version, revision)
        order.append((key, revision))
        while versions.count > Self.most {
            let oldest = order[forgotten]
            forgotten += 1
            if versions[oldest.key]?.serial == oldest.serial { versions[oldest.key] = nil }
        }
        if order.count > 4 * Self.most {
            order = order[forgotten...].filter { versions[$0.key]?.serial == $0.serial }
            forgotten = 0
        }
    }

    mutating func forget(_ key: UnsafeBufferPointer<UInt8>) {
        if !versions.isEmpty, versions.removeValue(forKey: Array(key)) != nil { revision += 1 }
    }

    /// magic u64 | entries u32 | each: version varint, key length varint, key | CRC-32C u32.
    var bytes: [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: 1 << 12)
        out.append(littleEndian: Self.magic)
        out.append(littleEndian: UInt32(versions.count))
        for (key, serial) in order[forgotten...] {
            guard let entry = versions[key], entry.serial == serial else { continue }
            out.append(varint: UInt64(entry.version))
            out.append(varint: UInt64(key.count))
            for byte in key { out.append(byte) }
        }
        out.append(littleEndian: CRC32C.checksum(UnsafeRawBufferPointer(out.elements)))
        return Array(out.elements)
    }

    /// Nil when the bytes are not what `bytes` gave.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count >= 16, CRC32C.isSealed(bytes) else { return nil }
        var reader = ByteReader(base, count: bytes.count - 4)
        guard reader.integer(UInt64.self) == Self.magic else { return nil }
        let count = Int(reader.integer(UInt32.self))
        guard count <= Self.most else { return nil }
        for _ in 0..<count {
            let version = reader.length()
            let key = Array(reader.bytes(reader.length()))
            guard !reader.failed, !key.isEmpty else { return nil }
            revision += 1
            versions[key] = (version, revision)
            order.append((key, revision))
        }
        guard reader.isAtEnd, versions.count == count else { return nil }
    }
}

extension Tombstones {
    /// Those that a manifest names.
    ///
    /// Errors: `corrupt` when the file is not what the manifest says.
    static func read(
        from folder: GenerationFolder, _ saved: TombstonesDescription
    ) throws(IndexError) -> Tombstones {
        let path = folder.tombstones(saved.number)
        let file: MappedFile
        do { file = try folder.files.map(path) } catch { throw IndexError.storage(error).asDamage }
        let tombstones = withExtendedLifetime(file) {
            file.bytes.count == saved.bytes && CRC32C.checksum(file.bytes) == saved.checksum
                ? Tombstones(file.bytes) : nil
        }
        guard let tombstones else {
            throw .corrupt(
                file: path, section: "the file", offset: 0, problem: "it is not what the manifest says it is")
        }
        return tombstones
    }
}
