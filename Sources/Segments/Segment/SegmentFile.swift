import Kernels

/// The kinds of sections of a segment file. The numbers are on disk: never reuse one. See `SegmentFormat.md`.
package enum SectionKind: UInt16, CaseIterable {
    case schema = 1
    case fieldTable = 2
    case termIndex = 3
    case termBlocks = 4
    case postings = 5
    case positions = 6
    case norms = 7
    case numbers = 8
    case ordinals = 9
    case rows = 10
    case rowIndex = 11
    case keyFilter = 12
    case versions = 13
    case pages = 14
    case suggestions = 15

    /// True for sections that belong to the segment as a whole rather than to a field.
    package var isWhole: Bool { [.schema, .fieldTable, .rows, .rowIndex, .versions, .pages].contains(self) }
}

/// An entry of the section table: the place of a section in its file.
package struct Section: Equatable {
    package var kind: SectionKind
    /// The index of the field the section belongs to; 0 for sections of the whole segment.
    package var field: UInt16
    /// The offset in bytes from the start of the file, a multiple of 64.
    package var offset: Int
    /// The length in bytes, without padding.
    package var length: Int
    /// The CRC-32C of the bytes of the `pages` section, which no page covers; 0 for the remaining sections.
    package var checksum: UInt32

    package init(kind: SectionKind, field: UInt16, offset: Int, length: Int, checksum: UInt32) {
        self.kind = kind
        self.field = field
        self.offset = offset
        self.length = length
        self.checksum = checksum
    }

    /// The section's name in messages.
    var name: String { kind.isWhole ? "\(kind)" : "\(kind) of field \(field)" }
}

/// The fixed frame of a segment file: the header at the start, the section table and the footer at the end.
enum SegmentFrame {
    /// "QUIRESEG" in the order of the file's bytes.
    static let magic: UInt64 = 0x4745_5345_5249_5551
    /// The version of the format; raised whenever bytes change their meaning.
    static let format: UInt32 = 6
    static let headerBytes = 64
    static let footerBytes = 64
    static let sectionBytes = 32
    static let alignment = 64

    /// Returns the header: magic u64 | format u32 | documents u32 | name 16 bytes | zeros | CRC-32C of the first 60
    /// bytes u32.
    static func header(name: [UInt8], documents: Int) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: headerBytes)
        out.append(littleEndian: magic)
        out.append(littleEndian: format)
        out.append(littleEndian: UInt32(documents))
        for byte in name.prefix(16) { out.append(byte) }
        return sealed(&out, headerBytes)
    }

    /// Returns the footer: magic u64 | format u32 | sections u32 | table offset u64 | table CRC-32C u32 | documents u32
    /// | zeros | CRC-32C u32.
    static func footer(sections: Int, tableOffset: Int, tableChecksum: UInt32, documents: Int) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: footerBytes)
        out.append(littleEndian: magic)
        out.append(littleEndian: format)
        out.append(littleEndian: UInt32(sections))
        out.append(littleEndian: UInt64(tableOffset))
        out.append(littleEndian: tableChecksum)
        out.append(littleEndian: UInt32(documents))
        return sealed(&out, footerBytes)
    }

    /// Returns the section table, per section: kind u16 | field u16 | CRC-32C u32 | offset u64 | length u64 | zeros to
    /// 32 bytes.
    static func table(_ sections: [Section]) -> [UInt8] {
        var out = GrowableBuffer<UInt8>(capacity: sections.count * sectionBytes)
        for section in sections {
            out.append(littleEndian: section.kind.rawValue)
            out.append(littleEndian: section.field)
            out.append(littleEndian: section.checksum)
            out.append(littleEndian: UInt64(section.offset))
            out.append(littleEndian: UInt64(section.length))
            out.append(littleEndian: UInt64(0))
        }
        return Array(out.elements)
    }

    /// Pads the bytes with zeros and appends their CRC-32C, `size` bytes altogether.
    private static func sealed(_ out: inout GrowableBuffer<UInt8>, _ size: Int) -> [UInt8] {
        out.append(repeating: 0, count: size - 4 - out.count)
        out.append(littleEndian: CRC32C.checksum(UnsafeRawBufferPointer(out.elements)))
        return Array(out.elements)
    }
}
