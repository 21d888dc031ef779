import Kernels
import Synchronization

/// The pages of a mapped segment's sections, and which of them are known to be what was written. Owned by the segment's
/// reader.
final class SegmentPages {
    private let sections: [Section]
    private let states: UnsafeMutablePointer<SectionPages.State>
    private let known: UnsafeMutablePointer<Atomic<UInt64>>
    /// Number of the word of `known` that tells of damage.
    private let damage: Int

    /// The pages of a file's sections in the order of their table; nil when the checksums are not four bytes for each.
    init?(_ file: UnsafeRawBufferPointer, _ sections: [Section], checksums: UnsafeRawBufferPointer) {
        let count = sections.reduce(0) { $0 + SectionPages.count($1.length) }
        guard checksums.count == count * 4 else { return nil }
        damage = (count + 63) / 64
        known = .allocate(capacity: damage + 1)
        for word in 0...damage { (known + word).initialize(to: Atomic(0)) }
        states = .allocate(capacity: max(sections.count, 1))
        var first = 0
        for (number, section) in sections.enumerated() {
            let bytes = UnsafeRawBufferPointer(rebasing: file[section.offset..<(section.offset + section.length)])
            let sums = UnsafeRawBufferPointer(rebasing: checksums[(first * 4)...])
            let base = bytes.baseAddress ?? UnsafeRawPointer(known)
            (states + number).initialize(
                to: SectionPages.State(
                    base: base, length: bytes.count, checksums: sums.baseAddress ?? base, first: first, known: known,
                    damage: known + damage))
            first += SectionPages.count(section.length)
        }
        self.sections = sections
    }

    deinit {
        states.deallocate()
        known.deallocate()
    }

    /// The pages of a section; of one that is not there there is nothing to check.
    func of(_ kind: SectionKind, _ field: Int = 0) -> SectionPages {
        let at = sections.firstIndex { $0.kind == kind && Int($0.field) == field }
        return at.map { SectionPages(states + $0) } ?? .unchecked
    }

    /// A page that was found to be damaged, counted within its section; nil while none was.
    var damagedPage: Int? {
        let page = Int(known[damage].load(ordering: .relaxed))
        return page == 0 ? nil : page - 1
    }
}

/// The pages of a section of a mapped segment: each is checked when it is touched first, so that opening costs nothing
/// and no wrong byte is answered.
///
/// A pointer, so that what holds it stays small; it is valid as long as the segment's reader.
struct SectionPages: BitwiseCopyable {
    /// What is known of a section.
    fileprivate struct State: BitwiseCopyable {
        let base: UnsafeRawPointer
        let length: Int
        /// Four bytes a page.
        let checksums: UnsafeRawPointer
        /// Number of the first page in the segment.
        let first: Int
        /// A bit a page of the segment.
        let known: UnsafeMutablePointer<Atomic<UInt64>>
        /// Where the last page that was found to be damaged is noted, counted from 1.
        let damage: UnsafeMutablePointer<Atomic<UInt64>>
    }

    /// Bytes of a page.
    static let byteCount = 1 << shift
    private static let shift = 16

    private let state: UnsafePointer<State>?

    /// Pages of bytes that come from no file, and are taken to be intact.
    static var unchecked: SectionPages { SectionPages(nil) }

    fileprivate init(_ state: UnsafePointer<State>?) { self.state = state }

    /// Pages that a number of bytes takes.
    static func count(_ bytes: Int) -> Int { (bytes + byteCount - 1) >> shift }

    /// Whether some bytes of the section are what was written. Complexity: a word or two; for each page that was not
    /// touched before, its bytes.
    @inline(__always)
    func isIntact(_ start: UnsafeRawPointer, _ bytes: Int) -> Bool {
        guard let state, bytes > 0 else { return true }
        let at = start - state.pointee.base
        let from = state.pointee.first &+ at &>> Self.shift
        let last = state.pointee.first &+ (at &+ bytes &- 1) &>> Self.shift
        if from &>> 6 == last &>> 6 {
            let mask = ~0 &<< UInt64(from & 63) & ~0 &>> UInt64(63 &- last & 63)
            if state.pointee.known[from &>> 6].load(ordering: .relaxed) & mask == mask { return true }
        }
        return state.pointee.check(at, bytes)
    }

    /// Whether the whole section is what was written.
    @inline(__always)
    var isIntact: Bool {
        guard let state else { return true }
        return isIntact(state.pointee.base, state.pointee.length)
    }
}

extension SectionPages.State {
    @inline(never)
    fileprivate func check(_ start: Int, _ bytes: Int) -> Bool {
        guard start >= 0, bytes <= length - start else { return false }
        for page in (start / SectionPages.byteCount)...((start + bytes - 1) / SectionPages.byteCount) {
            let bit = first + page
            if known[bit >> 6].load(ordering: .relaxed) >> UInt64(bit & 63) & 1 == 1 { continue }
            let at = page * SectionPages.byteCount
            let bytes = UnsafeRawBufferPointer(start: base + at, count: min(SectionPages.byteCount, length - at))
            let wanted = checksums.loadUnaligned(fromByteOffset: page * 4, as: UInt32.self).littleEndian
            guard CRC32C.checksum(bytes) == wanted else {
                damage.pointee.store(UInt64(page + 1), ordering: .relaxed)
                return false
            }
            known[bit >> 6].bitwiseOr(1 << UInt64(bit & 63), ordering: .relaxed)
        }
        return true
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
