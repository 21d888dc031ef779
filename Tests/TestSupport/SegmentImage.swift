import FoundationEssentials
import Kernels
package import Segments
import Storage

/// The bytes of a segment file and the table of its sections, parsed independently of the engine so that tests can read
/// and corrupt them.
package struct SegmentImage {
    /// The path of the file.
    package let path: String
    /// The bytes; `save` writes changes back.
    package var bytes: [UInt8]

    /// Reads the file.
    package init(_ path: String) throws {
        self.path = path
        bytes = Array(try Data(contentsOf: URL(filePath: path)))
    }

    /// Reads the file of a segment of an index.
    package init(_ index: TemporaryIndex, _ segment: Int = 0) throws {
        let manifest = try index.reader().manifest
        try self.init(index.folder.generationPath(manifest.generation) + "/\(manifest.segments[segment].name).seg")
    }

    /// Writes the bytes back to the file.
    package func save() throws { try Data(bytes).write(to: URL(filePath: path)) }

    /// The little-endian integer at an offset.
    package func number<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
        bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
    }

    /// Overwrites the bytes at an offset with a little-endian integer.
    package mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self) }
    }

    /// The offset of the section table.
    package var tableOffset: Int { Int(number(bytes.count - 64 + 16, UInt64.self)) }

    /// The sections in the order of the table.
    package var sections: [Section] {
        (0..<Int(number(bytes.count - 64 + 12, UInt32.self))).compactMap { i in
            let entry = tableOffset + i * 32
            guard let kind = SectionKind(rawValue: number(entry, UInt16.self)) else { return nil }
            return Section(
                kind: kind, field: number(entry + 2, UInt16.self), offset: Int(number(entry + 8, UInt64.self)),
                length: Int(number(entry + 16, UInt64.self)), checksum: number(entry + 4, UInt32.self))
        }
    }

    /// The table entry of a section; nil if the file does not have it.
    package func section(_ kind: SectionKind, _ field: Int = 0) -> Section? {
        sections.first { $0.kind == kind && Int($0.field) == field }
    }

    /// Calls `body` with the bytes of two sections; a section that does not exist is empty.
    package func with<T>(
        _ first: SectionKind, _ second: SectionKind,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws -> T
    ) rethrows -> T {
        try bytes.withUnsafeBytes { file in
            func part(_ kind: SectionKind) -> UnsafeRawBufferPointer {
                guard let entry = section(kind) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
                return UnsafeRawBufferPointer(rebasing: file[entry.offset..<(entry.offset + entry.length)])
            }
            return try body(part(first), part(second))
        }
    }
}

extension TemporaryFolder {
    /// The folder, used as that of a generation.
    package var generation: GenerationFolder { GenerationFolder(path: path, files: PosixFileSystem()) }
}

/// Writes a segment file with the sections that `body` writes, and returns its image.
package func writtenSegment(documents: Int, _ body: (SegmentWriter) throws -> Void) throws -> SegmentImage {
    let folder = try TemporaryFolder()
    let writer = try SegmentWriter(folder: folder.generation, name: "1", documents: documents)
    try body(writer)
    _ = try writer.finish(sync: false)
    return try SegmentImage(folder.path + "/1.seg")
}
