@testable import Kernels
@testable import Segments
@testable import Storage
@testable import TestSupport

/// The bytes of a segment that was edited, with all checksums recomputed: decoders must cope on their own.
public struct ChecksummedSegment {
    /// The bytes.
    public private(set) var bytes: [UInt8]
    private var footer: Int { bytes.count - SegmentFrame.footerBytes }

    /// Recomputes the checksums of a segment; nil when the bytes are too short for a frame.
    public init?(sealing bytes: [UInt8]) {
        guard bytes.count >= SegmentFrame.headerBytes + SegmentFrame.footerBytes else { return nil }
        self.bytes = bytes
        sealTable()
        seal(0, SegmentFrame.headerBytes)
        seal(footer, SegmentFrame.footerBytes)
    }

    /// The number of documents in the footer.
    public var documents: Int { Int(number(footer + 28, UInt32.self)) }

    /// The checksum of the section table in the footer.
    public var checksum: UInt32 { number(footer + 24, UInt32.self) }

    private mutating func sealTable() {
        let count = Int(number(footer + 12, UInt32.self))
        guard let offset = Int(exactly: number(footer + 16, UInt64.self)), count < 1000,
            offset <= bytes.count, count * SegmentFrame.sectionBytes <= bytes.count - offset
        else { return }
        var sums = GrowableBuffer<UInt8>(capacity: 1024)
        for section in 0..<count {
            let entry = offset + section * SegmentFrame.sectionBytes
            guard let start = Int(exactly: number(entry + 8, UInt64.self)),
                let length = Int(exactly: number(entry + 16, UInt64.self)), start <= bytes.count,
                length <= bytes.count - start
            else { continue }
            if number(entry, UInt16.self) == SectionKind.pages.rawValue {
                for i in 0..<min(length, sums.count) { bytes[start + i] = sums[i] }
                put(checksum(start, length), at: entry + 4)
            } else {
                for page in stride(from: 0, to: length, by: SectionPages.byteCount) {
                    sums.append(littleEndian: checksum(start + page, min(SectionPages.byteCount, length - page)))
                }
            }
        }
        put(checksum(offset, count * SegmentFrame.sectionBytes), at: footer + 24)
    }

    private mutating func seal(_ start: Int, _ count: Int) { put(checksum(start, count - 4), at: start + count - 4) }

    private func checksum(_ start: Int, _ count: Int) -> UInt32 {
        bytes.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)])) }
    }

    private func number<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: T.Type) -> T {
        bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
    }

    private mutating func put(_ value: UInt32, at: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: at, as: UInt32.self) }
    }
}

extension FuzzIndex {
    /// Returns a copy of the disk with other bytes as a segment, and a manifest that matches them.
    public func disk(with segment: ChecksummedSegment, as segmentIndex: Int) -> FaultyFileSystem {
        let copy = disk(with: segment.bytes, at: segmentPaths[segmentIndex])
        guard var manifest = try? Manifest(bytes(manifestPath), path: manifestPath) else { fatalError("no manifest") }
        manifest.segments[segmentIndex].documents = segment.documents
        manifest.segments[segmentIndex].bytes = segment.bytes.count
        manifest.segments[segmentIndex].checksum = segment.checksum
        // The updates belong to the segment as it was.
        if manifest.segments[segmentIndex].documents != segment.documents {
            manifest.segments[segmentIndex].changes = nil
        }
        copy.spoil(manifestPath) { $0 = manifest.bytes }
        return copy
    }
}

extension FuzzIndex {
    /// Returns a log of records with valid checksums that starts at the same change as another.
    public static func log(like other: [UInt8], of records: [[UInt8]]) -> [UInt8] {
        let first = other.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 12, as: UInt64.self)) }
        let files = FaultyFileSystem()
        guard let log = try? LogWriter(creating: "/log", first: first, in: files) else { fatalError("no log") }
        for record in records {
            record.withUnsafeBytes { bytes in
                guard (try? log.append(bytes)) != nil, (try? log.sync()) != nil else { fatalError("no record") }
            }
        }
        return files.bytes(of: "/log") ?? []
    }
}
