import FoundationEssentials
import Kernels
import OracleSupport
import Storage

@testable import Indexer

/// The bytes of a segment file and where its sections lie: parsed here a second time, so that tests can read and spoil
/// them.
struct SegmentImage {
    /// Path of the file.
    let path: String
    /// Its bytes; changed ones reach the file with `save`.
    var bytes: [UInt8]

    /// Reads the file.
    init(_ path: String) throws {
        self.path = path
        bytes = Array(try Data(contentsOf: URL(filePath: path)))
    }

    /// The file of a manifest's segment.
    init(_ index: TemporaryIndex, _ segment: Int = 0) throws {
        let manifest = try index.reader().manifest
        try self.init(index.folder.generationPath(manifest.generation) + "/\(manifest.segments[segment].name).seg")
    }

    /// Writes the bytes back.
    func save() throws { try Data(bytes).write(to: URL(filePath: path)) }

    func number<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
        bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
    }

    mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self) }
    }

    /// Where the section table begins.
    var tableOffset: Int { Int(number(bytes.count - 64 + 16, UInt64.self)) }

    /// The sections in the order of the table.
    var sections: [Section] {
        (0..<Int(number(bytes.count - 64 + 12, UInt32.self))).compactMap { i in
            let at = tableOffset + i * 32
            guard let kind = SectionKind(rawValue: number(at, UInt16.self)) else { return nil }
            return Section(
                kind: kind, field: number(at + 2, UInt16.self), offset: Int(number(at + 8, UInt64.self)),
                length: Int(number(at + 16, UInt64.self)), checksum: number(at + 4, UInt32.self))
        }
    }

    /// The bytes of a section, with whatever follows it in the file behind them.
    func section(_ kind: SectionKind, _ field: Int = 0) -> Section? {
        sections.first { $0.kind == kind && Int($0.field) == field }
    }

    /// Calls `body` with the bytes of two sections where they lie in the file.
    func with<T>(
        _ first: SectionKind, _ second: SectionKind,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> T
    ) rethrows -> T {
        try bytes.withUnsafeBytes { file in
            func part(_ kind: SectionKind) -> UnsafeRawBufferPointer {
                guard let found = section(kind) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
                return UnsafeRawBufferPointer(rebasing: file[found.offset..<(found.offset + found.length)])
            }
            return try body(part(first), part(second))
        }
    }
}

extension TemporaryFolder {
    /// The folder as that of a generation.
    var generation: GenerationFolder { GenerationFolder(path: path, files: PosixFileSystem()) }
}

/// Writes a segment file with the sections that `body` makes and answers its bytes.
func writtenSegment(documents: Int, _ body: (SegmentWriter) throws -> Void) throws -> SegmentImage {
    let folder = try TemporaryFolder()
    let writer = try SegmentWriter(folder: folder.generation, name: "1", documents: documents)
    try body(writer)
    _ = try writer.finish(sync: false)
    return try SegmentImage(folder.path + "/1.seg")
}
