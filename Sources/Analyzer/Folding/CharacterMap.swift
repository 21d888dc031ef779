import CICU
import Kernels

/// A character-by-character mapping of folded text.
///
/// With the folds of the analyzer `default`, 數 maps to 数, 著 to 着, é to e, and a combining accent to `dropped`.
///
/// Shape: characters of the basic plane in a flat table (256 KB), the few of other planes in a dictionary. Immutable,
/// so that all threads may share it.
final class CharacterMap: Sendable {
    /// The targets of the characters below U+10000; 0 where nothing changes.
    private nonisolated(unsafe) let plane: UnsafeMutablePointer<UInt32>
    /// The targets of the characters of other planes that change.
    private let otherPlanes: [UInt32: UInt32]

    /// Returns the target of a character: itself, another one, or `dropped`. Complexity: O(1).
    @inline(__always)
    func target(of scalar: UInt32) -> UInt32 {
        if scalar < 0x10000 {
            let mapped = plane[Int(scalar)]
            return mapped == 0 ? scalar : mapped
        }
        return otherPlanes[scalar] ?? scalar
    }

    /// The target of a character that is removed.
    static let dropped: UInt32 = .max

    /// Creates a map from the targets of the characters that change.
    init(_ targets: [UInt32: UInt32]) {
        plane = .allocate(capacity: 0x10000)
        plane.initialize(repeating: 0, count: 0x10000)
        var otherPlanes: [UInt32: UInt32] = [:]
        for (source, target) in targets where source != target {
            if source < 0x10000 { plane[Int(source)] = target } else { otherPlanes[source] = target }
        }
        self.otherPlanes = otherPlanes
    }

    deinit { plane.deallocate() }

    /// True if some character of the text changes. Shape: valid UTF-8. Complexity: O(bytes).
    func changes(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let p = text.baseAddress else { return false }
        var i = 0
        while i < text.count {
            if p[i] < 0x80 {
                i &+= 1
                continue
            }
            let (scalar, length) = decodeScalar(p + i)
            if target(of: scalar) != scalar { return true }
            i &+= length
        }
        return false
    }
}

/// The sets of characters, beyond those that differ in case and width, that are folded into one.
struct CharacterFolds: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    /// Folds traditional and variant forms of Chinese characters to the simplified ones.
    static let simplified = CharacterFolds(rawValue: 1)
    /// Removes the diacritics of Latin and Greek letters.
    static let diacritics = CharacterFolds(rawValue: 2)
    /// Folds katakana to hiragana.
    static let kana = CharacterFolds(rawValue: 4)

    /// The maps built so far, by raw value; they are never freed.
    private static let maps = Monitor<[UInt8: CharacterMap]>([:])

    /// The map of this combination; nil when it is empty. Thread-safe; each map is built once, on first use.
    var map: CharacterMap? {
        if isEmpty { return nil }
        return Self.maps.withLock { maps in
            if let map = maps[rawValue] { return map }
            let map = CharacterMap(targets)
            maps[rawValue] = map
            return map
        }
    }

    /// The targets of the characters that this combination changes.
    private var targets: [UInt32: UInt32] {
        var targets: [UInt32: UInt32] = [:]
        if contains(.simplified) {
            for (source, target) in SimplifiedPairs.all { targets[source] = target }
        }
        if contains(.diacritics) {
            for range in [0xC0...0x24F, 0x370...0x3FF, 0x1E00...0x1FFF] as [ClosedRange<UInt32>] {
                for scalar in range {
                    let base = quire_without_diacritics(scalar)
                    if base != scalar { targets[scalar] = base }
                }
            }
            for mark in 0x300...0x36F as ClosedRange<UInt32> { targets[mark] = CharacterMap.dropped }
        }
        if contains(.kana) {
            for katakana in 0x30A1...0x30F6 as ClosedRange<UInt32> { targets[katakana] = katakana - 0x60 }
            for mark in 0x30FD...0x30FE as ClosedRange<UInt32> { targets[mark] = mark - 0x60 }
        }
        return targets
    }
}

/// The generated table of traditional, variant and simplified Chinese characters.
enum SimplifiedPairs {
    /// Pairs of a character and the simplified character that represents its class.
    static let all: [(UInt32, UInt32)] = {
        let scalars = Array("\(simplifiedPairs)".unicodeScalars)
        return stride(from: 0, to: scalars.count - 1, by: 2).map { (scalars[$0].value, scalars[$0 + 1].value) }
    }()
}

extension TokenBuffer {
    /// Applies a map to the folded text and records in `rewrites` the characters whose length changed, which
    /// `sourceRange` needs.
    ///
    /// Complexity: O(bytes); text that does not change is scanned but not copied.
    mutating func rewrite(_ map: CharacterMap) {
        guard map.changes(text.elements) else { return }
        swap(&text, &folded)
        text.removeAll()
        let p = folded.base
        let count = folded.count
        text.reserve(count * 2 + 8)
        var i = 0
        while i < count {
            let (scalar, length) = p[i] < 0x80 ? (UInt32(p[i]), 1) : decodeScalar(p + i)
            let target = map.target(of: scalar)
            let start = text.count
            if target == scalar {
                // Copies four bytes and keeps `length` of them; eight readable bytes follow every text.
                let bytes = UnsafeRawPointer(p + i).loadUnaligned(as: UInt32.self)
                UnsafeMutableRawPointer(text.base + start).storeBytes(of: bytes, as: UInt32.self)
                text.count = start &+ length
            } else if target != CharacterMap.dropped {
                appendScalar(target)
            }
            if text.count &- start != length {
                rewrites.append(
                    quire_edit(
                        source: Int32(i), source_length: Int32(length), target: Int32(start),
                        target_length: Int32(text.count - start)))
            }
            i &+= length
        }
        textLength = text.count
        text.reserve(8)
        (text.base + text.count).update(repeating: 0, count: 8)
    }

    /// Appends the UTF-8 bytes of a character, with a fast path for the three-byte ones. At least four bytes of room
    /// must be reserved.
    @inline(__always)
    private mutating func appendScalar(_ scalar: UInt32) {
        if scalar >= 0x800, scalar < 0x10000 {
            let low = (0x80 | scalar & 0x3F) << 16 | (0x80 | scalar >> 6 & 0x3F) << 8 | 0xE0 | scalar >> 12
            UnsafeMutableRawPointer(text.base + text.count).storeBytes(of: low.littleEndian, as: UInt32.self)
            text.count &+= 3
            return
        }
        guard let scalar = Unicode.Scalar(scalar) else { return }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { text.append(byte) }
    }
}
