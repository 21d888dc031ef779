@testable import Kernels
@testable import Segments
@testable import TestSupport

extension FuzzIndex {
    private var folder: IndexFolder { IndexFolder("/index", files: disk) }

    private var manifest: Manifest {
        guard let manifest = try? folder.newestManifest(), let first = manifest.segments.first, first.changes != nil,
            manifest.tombstones != nil
        else { fatalError("no manifest with updates and tombstones") }
        return manifest
    }

    /// Returns a copy of the disk with other bytes as the manifest (0), the generation's number (1), the updates to the
    /// first segment (2) or the tombstones (3); with `isSealed` they get valid checksums, in the manifest as well.
    public func disk(with bytes: [UInt8], asFile kind: Int, isSealed: Bool) -> FaultyFileSystem {
        var manifest = manifest
        let generation = folder.generationFolder(1)
        let name = manifest.segments[0].name
        switch kind {
        case 0: return disk(with: isSealed ? ChecksummedText.seal(bytes) : bytes, at: manifestPath)
        case 1: return disk(with: isSealed ? ChecksummedText.seal(bytes) : bytes, at: folder.currentPath)
        case 2:
            let path = generation.updates(name, manifest.segments[0].changes?.number ?? 0)
            guard isSealed else { return disk(with: bytes, at: path) }
            let sealed = Self.seal(bytes)
            let documents = manifest.segments[0].documents
            let updates = sealed.withUnsafeBytes {
                UpdatesFile.decode($0, name: name, documents: documents, columns: manifest.schema.fields.count + 1)
            }
            manifest.segments[0].changes?.bytes = sealed.count
            manifest.segments[0].changes?.checksum = sealed.withUnsafeBytes { CRC32C.checksum($0) }
            manifest.segments[0].changes?.deleted = updates?.deleted.count ?? 0
            let copy = disk(with: sealed, at: path)
            copy.spoil(manifestPath) { $0 = manifest.bytes }
            return copy
        default:
            let path = generation.tombstones(manifest.tombstones?.number ?? 0)
            guard isSealed else { return disk(with: bytes, at: path) }
            let sealed = Self.seal(bytes)
            manifest.tombstones?.bytes = sealed.count
            manifest.tombstones?.checksum = sealed.withUnsafeBytes { CRC32C.checksum($0) }
            let copy = disk(with: sealed, at: path)
            copy.spoil(manifestPath) { $0 = manifest.bytes }
            return copy
        }
    }

    private static func seal(_ bytes: [UInt8]) -> [UInt8] {
        let sum = bytes.withUnsafeBytes { CRC32C.checksum($0) }
        return bytes + withUnsafeBytes(of: sum.littleEndian) { Array($0) }
    }

    /// The inputs that reproduce the files as they are.
    public var seeds: [[UInt8]] {
        let manifest = manifest
        let generation = folder.generationFolder(1)
        let updates = bytes(generation.updates(manifest.segments[0].name, manifest.segments[0].changes?.number ?? 0))
        let tombstones = bytes(generation.tombstones(manifest.tombstones?.number ?? 0))
        return [
            [4] + bytes(manifestPath).dropLast(16), [5] + bytes(folder.currentPath).dropLast(16),
            [6] + updates.dropLast(4), [7] + tombstones.dropLast(4),
        ]
    }
}
