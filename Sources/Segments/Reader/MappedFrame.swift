import Kernels
import Storage

/// The frame of a mapped segment file: locates its sections and verifies them.
struct MappedFrame {
    private static var noBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    /// The mapped file.
    let file: MappedFile

    init(_ file: MappedFile) {
        self.file = file
    }

    /// Returns the error for a section that is not what was written.
    func corrupt(_ section: String, _ offset: Int, _ problem: String) -> IndexError {
        .corrupt(file: file.path, section: section, offset: offset, problem: problem)
    }

    /// Returns a range of the file, which must lie within it.
    private func part(_ offset: Int, _ length: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[offset..<(offset + length)])
    }

    /// Returns the section table, after header, footer and table were verified against each other and the manifest.
    ///
    /// Errors: `foreign` for a file that is not a segment, `format` for one of another version, `corrupt` for the rest.
    func sections(expecting description: SegmentDescription) throws(IndexError) -> [Section] {
        let size = file.bytes.count
        guard size >= SegmentFrame.headerBytes + SegmentFrame.footerBytes else {
            throw .foreign(path: file.path, problem: "it is too short to be a segment (\(size) bytes)")
        }
        let header = part(0, SegmentFrame.headerBytes)
        guard header.loadUnaligned(as: UInt64.self).littleEndian == SegmentFrame.magic else {
            throw .foreign(path: file.path, problem: "it does not begin like a segment")
        }
        let format = header.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian
        guard format == SegmentFrame.format else {
            throw .format(path: file.path, found: Int(format), supported: Int(SegmentFrame.format))
        }
        guard CRC32C.isSealed(header) else { throw corrupt("header", 0, "its checksum does not match") }
        guard size == description.bytes else {
            throw corrupt("the file", size, "it has \(size) bytes, the manifest says \(description.bytes)")
        }
        let footer = part(size - SegmentFrame.footerBytes, SegmentFrame.footerBytes)
        guard CRC32C.isSealed(footer) else { throw corrupt("footer", 0, "its checksum does not match") }
        let count = Int(footer.loadUnaligned(fromByteOffset: 12, as: UInt32.self).littleEndian)
        let offset = Int(truncatingIfNeeded: footer.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian)
        let checksum = footer.loadUnaligned(fromByteOffset: 24, as: UInt32.self).littleEndian
        let documents = Int(footer.loadUnaligned(fromByteOffset: 28, as: UInt32.self).littleEndian)
        guard documents == description.documents, checksum == description.checksum else {
            throw corrupt("footer", 24, "it does not match the manifest")
        }
        let length = count * SegmentFrame.sectionBytes
        guard offset >= 0, offset <= size, length <= size - offset, CRC32C.checksum(part(offset, length)) == checksum
        else { throw corrupt("section table", 0, "its checksum does not match") }
        return try decode(part(offset, length))
    }

    /// Decodes a section table whose checksum is right.
    private func decode(_ table: UnsafeRawBufferPointer) throws(IndexError) -> [Section] {
        var sections: [Section] = []
        for entry in stride(from: 0, to: table.count, by: SegmentFrame.sectionBytes) {
            let raw = table.loadUnaligned(fromByteOffset: entry, as: UInt16.self).littleEndian
            let offset = table.loadUnaligned(fromByteOffset: entry + 8, as: UInt64.self).littleEndian
            let length = table.loadUnaligned(fromByteOffset: entry + 16, as: UInt64.self).littleEndian
            let end = offset.addingReportingOverflow(length)
            guard let kind = SectionKind(rawValue: raw), !end.overflow,
                end.partialValue <= UInt64(file.bytes.count - SegmentFrame.footerBytes)
            else { throw corrupt("section table", entry, "an entry points outside the file") }
            sections.append(
                Section(
                    kind: kind, field: table.loadUnaligned(fromByteOffset: entry + 2, as: UInt16.self).littleEndian,
                    offset: Int(offset), length: Int(length),
                    checksum: table.loadUnaligned(fromByteOffset: entry + 4, as: UInt32.self).littleEndian))
        }
        return sections
    }

    /// Returns the bytes of a section, unverified; an empty buffer when the segment does not have it.
    func bytes(_ kind: SectionKind, _ field: Int = 0, in sections: [Section]) -> UnsafeRawBufferPointer {
        guard let section = sections.first(where: { $0.kind == kind && Int($0.field) == field }) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return part(section.offset, section.length)
    }

    /// Returns the bytes of a section after verifying all of its pages.
    ///
    /// Errors: `corrupt` when the section is missing or is not what was written.
    func checked(
        _ kind: SectionKind, in sections: [Section], _ pages: SegmentPages
    ) throws(IndexError) -> UnsafeRawBufferPointer {
        guard let section = sections.first(where: { $0.kind == kind }) else {
            throw corrupt("\(kind)", 0, "it is missing")
        }
        guard pages.of(kind).isIntact else { throw corrupt("\(kind)", 0, "its checksum does not match") }
        return part(section.offset, section.length)
    }

    /// Returns the pages of all sections, whose checksums are in the last one.
    func pages(in sections: [Section]) throws(IndexError) -> SegmentPages {
        guard let section = sections.last, section.kind == .pages else { throw corrupt("pages", 0, "it is missing") }
        let sums = part(section.offset, section.length)
        let coveredSections = Array(sections.dropLast())
        guard CRC32C.checksum(sums) == section.checksum,
            let pages = SegmentPages(
                file.bytes, coveredSections, checksums: coveredSections.isEmpty ? Self.noBytes : sums)
        else { throw corrupt("pages", 0, "its checksum does not match") }
        return pages
    }

    /// Returns the offset of the first byte between header, sections, table and footer that is not 0; nil when there is
    /// none.
    func strayByte(_ sections: [Section]) -> Int? {
        let bytes = file.bytes
        var end = SegmentFrame.headerBytes
        var parts = sections.sorted { $0.offset < $1.offset }.map { ($0.offset, $0.length) }
        let sectionsEnd = parts.last.map { $0.0 + $0.1 } ?? end
        let tableOffset = (sectionsEnd + SegmentFrame.alignment - 1) / SegmentFrame.alignment * SegmentFrame.alignment
        parts.append((tableOffset, sections.count * SegmentFrame.sectionBytes))
        parts.append((bytes.count - SegmentFrame.footerBytes, 0))
        for (offset, length) in parts {
            if let stray = (end..<max(end, min(offset, bytes.count))).first(where: { bytes[$0] != 0 }) { return stray }
            end = max(end, offset + length)
        }
        return nil
    }
}
