import Kernels
import Synchronization

/// The pages of a mapped segment's sections, and which of them are known to be what was written. Owned by the segment's
/// reader.
final class SegmentPages {
    private let sections: [Section]
    private let pages: [SectionPages]
    private let known: UnsafeMutablePointer<Atomic<UInt64>>

    /// The pages of a file's sections in the order of their table; nil when the checksums are not four bytes for each.
    init?(_ file: UnsafeRawBufferPointer, _ sections: [Section], checksums: UnsafeRawBufferPointer) {
        let count = sections.reduce(0) { $0 + SectionPages.count($1.length) }
        guard checksums.count == count * 4 else { return nil }
        let words = (count + 63) / 64
        known = .allocate(capacity: words + 1)
        for word in 0...words { (known + word).initialize(to: Atomic(0)) }
        var first = 0
        var pages: [SectionPages] = []
        for section in sections {
            let bytes = UnsafeRawBufferPointer(rebasing: file[section.offset..<(section.offset + section.length)])
            let sums = UnsafeRawBufferPointer(rebasing: checksums[(first * 4)...])
            pages.append(SectionPages(bytes, first: first, checksums: sums, known, damage: words))
            first += SectionPages.count(section.length)
        }
        self.sections = sections
        self.pages = pages
    }

    deinit { known.deallocate() }

    /// The pages of a section; of one that is not there there is nothing to check.
    func of(_ kind: SectionKind, _ field: Int = 0) -> SectionPages {
        let at = sections.firstIndex { $0.kind == kind && Int($0.field) == field }
        return at.map { pages[$0] } ?? .unchecked
    }

    /// A page that was found to be damaged, counted within its section; nil while none was.
    var damagedPage: Int? { pages.first?.damagedPage }
}

/// The pages of a section of a mapped segment: each is checked when it is touched first, so that opening costs nothing
/// and no wrong byte is answered.
///
/// A copy costs nothing; it is valid as long as the segment's reader.
struct SectionPages: BitwiseCopyable {
    /// Bytes of a page.
    static let byteCount = 1 << shift
    private static let shift = 16

    private let base: UnsafeRawPointer
    private let length: Int
    private let checksums: UnsafeRawPointer
    /// Number of the first page in the table.
    private let first: Int
    private let known: UnsafeMutablePointer<Atomic<UInt64>>?
    private let damage: Int

    /// Pages of bytes that come from no file, and are taken to be intact.
    static var unchecked: SectionPages { SectionPages() }

    private init() {
        base = UnsafeRawPointer(bitPattern: 8)!
        checksums = base
        (length, first, damage) = (0, 0, 0)
        known = nil
    }

    /// The pages of a section, the first of which is number `first` of the segment's. `checksums` has four bytes a
    /// page; `known` a bit a page of the segment, and at `damage` what was found.
    fileprivate init(
        _ section: UnsafeRawBufferPointer, first: Int, checksums: UnsafeRawBufferPointer,
        _ known: UnsafeMutablePointer<Atomic<UInt64>>, damage: Int
    ) {
        base = section.baseAddress ?? UnsafeRawPointer(known)
        length = section.count
        self.first = first
        self.checksums = checksums.baseAddress ?? base
        self.known = known
        self.damage = damage
    }

    /// Pages that a number of bytes takes.
    static func count(_ bytes: Int) -> Int { (bytes + byteCount - 1) >> shift }

    /// Whether some bytes of the section are what was written. Complexity: a word or two; for each page that was not
    /// touched before, its bytes.
    @inline(__always)
    func isIntact(_ start: UnsafeRawPointer, _ bytes: Int) -> Bool {
        guard let known, bytes > 0 else { return true }
        let from = first &+ (start - base) &>> Self.shift
        let last = first &+ (start - base &+ bytes &- 1) &>> Self.shift
        if from &>> 6 == last &>> 6 {
            let mask = ~0 &<< UInt64(from & 63) & ~0 &>> UInt64(63 &- last & 63)
            if known[from &>> 6].load(ordering: .relaxed) & mask == mask { return true }
        }
        return check(start - base, bytes, known)
    }

    /// Whether the whole section is what was written.
    @inline(__always)
    var isIntact: Bool { isIntact(base, length) }

    @inline(never)
    private func check(_ start: Int, _ bytes: Int, _ known: UnsafeMutablePointer<Atomic<UInt64>>) -> Bool {
        guard start >= 0, bytes <= length - start else { return false }
        for page in (start >> Self.shift)...((start + bytes - 1) >> Self.shift) {
            let bit = first + page
            if known[bit >> 6].load(ordering: .relaxed) >> UInt64(bit & 63) & 1 == 1 { continue }
            let at = page << Self.shift
            let bytes = UnsafeRawBufferPointer(start: base + at, count: min(Self.byteCount, length - at))
            let wanted = checksums.loadUnaligned(fromByteOffset: page * 4, as: UInt32.self).littleEndian
            guard CRC32C.checksum(bytes) == wanted else {
                known[damage].store(UInt64(page + 1), ordering: .relaxed)
                return false
            }
            known[bit >> 6].bitwiseOr(1 << UInt64(bit & 63), ordering: .relaxed)
        }
        return true
    }

    fileprivate var damagedPage: Int? {
        guard let known else { return nil }
        let page = Int(known[damage].load(ordering: .relaxed))
        return page == 0 ? nil : page - 1
    }
}

/// Sums up the pages of a section that is being written.
struct PageChecksums: ~Copyable {
    /// Four bytes a page, those that are full.
    private(set) var bytes = GrowableBuffer<UInt8>(capacity: 64)
    private var sum = CRC32C()
    private var filled = 0

    init() {}

    /// Takes the next bytes of the section.
    mutating func update(_ piece: UnsafeRawBufferPointer) {
        var rest = piece[...]
        while !rest.isEmpty {
            let part = rest.prefix(SectionPages.byteCount - filled)
            sum.update(UnsafeRawBufferPointer(rebasing: part))
            filled += part.count
            rest = rest.dropFirst(part.count)
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
