import Kernels
import Segments
import Storage

/// The versions of documents that were deleted, so that an older change that arrives late does not restore them.
///
/// Only deletions with a version are recorded, and only the newest `maxCount` of them.
struct Tombstones {
    /// The maximum number of tombstones.
    static let maxCount = 65_536
    /// "QUIREDEL" in the order of the file's bytes.
    private static let magic: UInt64 = 0x4C45_4445_5249_5551

    /// The version and serial number of each deleted key.
    private var versions: [[UInt8]: (version: Int, serial: Int)] = [:]
    /// The keys in the order of their deletions. Only the entry with a key's own serial number is valid: the document
    /// may have been added again since.
    private var order: [(key: [UInt8], serial: Int)] = []
    /// The number of entries at the start of `order` that were evicted.
    private var evictedCount = 0
    /// Incremented by every change; also the serial number of the newest tombstone.
    private(set) var revision = 0

    /// Creates an empty set.
    init() {}

    /// The number of tombstones.
    var count: Int { versions.count }

    /// Returns the version that a key was deleted with; nil when that is not known.
    func version(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
        versions.isEmpty ? nil : versions[Array(key)]?.version
    }

    /// Records the version of a deletion, and evicts the oldest tombstone beyond `maxCount`. Complexity: O(1),
    /// amortized.
    mutating func remember(_ key: UnsafeBufferPointer<UInt8>, _ version: Int) {
        revision += 1
        let key = Array(key)
        versions[key] = (version, revision)
        order.append((key, revision))
        while versions.count > Self.maxCount {
            let oldest = order[evictedCount]
            evictedCount += 1
            if versions[oldest.key]?.serial == oldest.serial { versions[oldest.key] = nil }
        }
        if order.count > 4 * Self.maxCount {
            order = order[evictedCount...].filter { versions[$0.key]?.serial == $0.serial }
            evictedCount = 0
        }
    }

    /// Removes the tombstone of a key, whose document was added again.
    mutating func forget(_ key: UnsafeBufferPointer<UInt8>) {
        if !versions.isEmpty, versions.removeValue(forKey: Array(key)) != nil { revision += 1 }
    }

    /// The content of the file: magic u64 | entries u32 | each: version varint, key length varint, key | CRC-32C u32.
    var bytes: [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: 1 << 12)
        out.append(littleEndian: Self.magic)
        out.append(littleEndian: UInt32(versions.count))
        for (key, serial) in order[evictedCount...] {
            guard let entry = versions[key], entry.serial == serial else { continue }
            out.append(varint: UInt64(entry.version))
            out.append(varint: UInt64(key.count))
            for byte in key { out.append(byte) }
        }
        out.append(littleEndian: CRC32C.checksum(UnsafeRawBufferPointer(out.elements)))
        return Array(out.elements)
    }

    /// Decodes the content of a file; nil when it is not what `bytes` returned.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count >= 16, CRC32C.isSealed(bytes) else { return nil }
        var reader = ByteReader(base, count: bytes.count - 4)
        guard reader.integer(UInt64.self) == Self.magic else { return nil }
        let count = Int(reader.integer(UInt32.self))
        guard count <= Self.maxCount else { return nil }
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
    /// Reads the tombstones that a manifest names.
    ///
    /// Errors: `corrupt` when the file is not what the manifest says, or is missing.
    static func read(from folder: GenerationFolder, _ saved: TombstonesDescription) throws(IndexError) -> Tombstones {
        let path = folder.tombstones(saved.number)
        let file: MappedFile
        do { file = try folder.files.map(path) } catch { throw IndexError.storage(error).asCorruption }
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
