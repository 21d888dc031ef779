import Kernels
import Synchronization

/// The checksums of a mapped segment's pages, and a bitmap of the pages that were verified. Owned by the segment's
/// reader.
///
/// Thread-safe without locks: bits are only ever set, with relaxed ordering, because two threads that verify the same
/// page at once do the same work and reach the same result.
final class SegmentPages {
    private let sections: [Section]
    private let states: UnsafeMutablePointer<SectionPages.State>
    /// One bit per page that was verified, followed by the word of the corruption flag.
    private let verified: UnsafeMutablePointer<Atomic<UInt64>>
    /// The index of the word of `verified` that records a corrupt page, counted from 1; 0 while none was found.
    private let corruptionFlagIndex: Int

    /// Creates the pages of a file's sections, in the order of their table; nil when `checksums` does not have four
    /// bytes for each page.
    init?(_ file: UnsafeRawBufferPointer, _ sections: [Section], checksums: UnsafeRawBufferPointer) {
        let count = sections.reduce(0) { $0 + SectionPages.count($1.length) }
        guard checksums.count == count * 4 else { return nil }
        corruptionFlagIndex = (count + 63) / 64
        verified = .allocate(capacity: corruptionFlagIndex + 1)
        for word in 0...corruptionFlagIndex { (verified + word).initialize(to: Atomic(0)) }
        states = .allocate(capacity: max(sections.count, 1))
        var first = 0
        for (index, section) in sections.enumerated() {
            let bytes = UnsafeRawBufferPointer(rebasing: file[section.offset..<(section.offset + section.length)])
            let pageChecksums = UnsafeRawBufferPointer(rebasing: checksums[(first * 4)...])
            let base = bytes.baseAddress ?? UnsafeRawPointer(verified)
            (states + index).initialize(
                to: SectionPages.State(
                    base: base, length: bytes.count, checksums: pageChecksums.baseAddress ?? base, first: first,
                    verified: verified, corruptionFlag: verified + corruptionFlagIndex))
            first += SectionPages.count(section.length)
        }
        self.sections = sections
    }

    deinit {
        states.deallocate()
        verified.deallocate()
    }

    /// Returns the pages of a section; unchecked ones for a section that is missing, which has no bytes.
    func of(_ kind: SectionKind, _ field: Int = 0) -> SectionPages {
        let index = sections.firstIndex { $0.kind == kind && Int($0.field) == field }
        return index.map { SectionPages(states + $0) } ?? .unchecked
    }

    /// The index within its section of a page that was found to be corrupt; nil while none was.
    var corruptPage: Int? {
        let page = Int(verified[corruptionFlagIndex].load(ordering: .relaxed))
        return page == 0 ? nil : page - 1
    }
}

/// The pages of a section of a mapped segment. Each page is verified when it is first touched, so that opening a
/// segment costs nothing and no corrupt byte is ever used.
///
/// The value is a pointer, so that its holders stay small; it is valid as long as the segment's reader.
package struct SectionPages: BitwiseCopyable {
    /// The state that all copies of a section's pages share.
    fileprivate struct State: BitwiseCopyable {
        let base: UnsafeRawPointer
        let length: Int
        /// The CRC-32C of each page, four bytes.
        let checksums: UnsafeRawPointer
        /// The index of the section's first page within the segment.
        let first: Int
        /// One bit per page of the segment: true when the page was verified.
        let verified: UnsafeMutablePointer<Atomic<UInt64>>
        /// The corruption flag: the last page that was found to be corrupt, counted from 1.
        let corruptionFlag: UnsafeMutablePointer<Atomic<UInt64>>
    }

    /// The number of bytes of a page.
    static let byteCount = 1 << shift
    private static let shift = 16

    private let state: UnsafePointer<State>?

    /// Pages of bytes that come from no file and are taken to be intact.
    static var unchecked: SectionPages { SectionPages(nil) }

    fileprivate init(_ state: UnsafePointer<State>?) { self.state = state }

    /// Returns the number of pages that `bytes` bytes occupy.
    static func count(_ bytes: Int) -> Int { (bytes + byteCount - 1) >> shift }

    /// Returns true if a range of the section's bytes is what was written; false also for a range outside the section.
    ///
    /// Complexity: one or two words for verified pages; O(bytes) for each page that was not touched before.
    @inline(__always)
    func isIntact(_ start: UnsafeRawPointer, _ bytes: Int) -> Bool {
        guard let state, bytes > 0 else { return true }
        let offset = start - state.pointee.base
        let firstPage = state.pointee.first &+ offset &>> Self.shift
        let lastPage = state.pointee.first &+ (offset &+ bytes &- 1) &>> Self.shift
        if firstPage &>> 6 == lastPage &>> 6 {
            let mask = ~0 &<< UInt64(firstPage & 63) & ~0 &>> UInt64(63 &- lastPage & 63)
            if state.pointee.verified[firstPage &>> 6].load(ordering: .relaxed) & mask == mask { return true }
        }
        return state.pointee.check(offset, bytes)
    }

    /// True if the whole section is what was written.
    @inline(__always)
    var isIntact: Bool {
        guard let state else { return true }
        return isIntact(state.pointee.base, state.pointee.length)
    }
}

extension SectionPages.State {
    /// Verifies the pages of a range that are not verified yet; false at the first corrupt one.
    @inline(never)
    fileprivate func check(_ start: Int, _ bytes: Int) -> Bool {
        guard start >= 0, bytes <= length - start else { return false }
        for page in (start / SectionPages.byteCount)...((start + bytes - 1) / SectionPages.byteCount) {
            let bit = first + page
            if verified[bit >> 6].load(ordering: .relaxed) >> UInt64(bit & 63) & 1 == 1 { continue }
            let pageStart = page * SectionPages.byteCount
            let pageBytes = UnsafeRawBufferPointer(
                start: base + pageStart, count: min(SectionPages.byteCount, length - pageStart))
            let expectedChecksum = checksums.loadUnaligned(fromByteOffset: page * 4, as: UInt32.self).littleEndian
            guard CRC32C.checksum(pageBytes) == expectedChecksum else {
                corruptionFlag.pointee.store(UInt64(page + 1), ordering: .relaxed)
                return false
            }
            verified[bit >> 6].bitwiseOr(1 << UInt64(bit & 63), ordering: .relaxed)
        }
        return true
    }
}

/// The checksums of the pages of a section that is being written.
struct PageChecksums: ~Copyable {
    /// The CRC-32C of each full page, four bytes.
    private(set) var bytes = GrowableBuffer<UInt8>(capacity: 64)
    private var sum = CRC32C()
    private var filled = 0

    init() {}

    /// Adds the next bytes of the section.
    mutating func update(_ piece: UnsafeRawBufferPointer) {
        var remaining = piece[...]
        while !remaining.isEmpty {
            let part = remaining.prefix(SectionPages.byteCount - filled)
            sum.update(UnsafeRawBufferPointer(rebasing: part))
            filled += part.count
            remaining = remaining.dropFirst(part.count)
            if filled == SectionPages.byteCount { endPage() }
        }
    }

    /// Ends the last page, which may be short.
    mutating func finish() { if filled > 0 { endPage() } }

    private mutating func endPage() {
        bytes.append(littleEndian: sum.value)
        sum = CRC32C()
        filled = 0
    }
}
