import CICU
import Kernels

/// A character-by-character change of folded text.
///
/// Shape: characters of the basic plane in a flat table, the few others in a dictionary.
final class CharacterMap: Sendable {
    /// 0 where nothing changes.
    private nonisolated(unsafe) let plane: UnsafeMutablePointer<UInt32>
    private let others: [UInt32: UInt32]

    /// What a character becomes: itself, another, or `dropped`.
    @inline(__always)
    func target(of scalar: UInt32) -> UInt32 {
        if scalar < 0x10000 {
            let mapped = plane[Int(scalar)]
            return mapped == 0 ? scalar : mapped
        }
        return others[scalar] ?? scalar
    }

    /// Stands for a character that vanishes.
    static let dropped: UInt32 = .max

    init(_ changes: [UInt32: UInt32]) {
        plane = .allocate(capacity: 0x10000)
        plane.initialize(repeating: 0, count: 0x10000)
        var others: [UInt32: UInt32] = [:]
        for (from, to) in changes where from != to {
            if from < 0x10000 { plane[Int(from)] = to } else { others[from] = to }
        }
        self.others = others
    }

    deinit { plane.deallocate() }

    /// Whether some character of the text changes. Complexity: O(bytes).
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

/// Which characters besides those of case and width count as one.
struct CharacterFolds: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    /// Traditional and variant forms of Chinese characters become the simplified ones.
    static let simplified = CharacterFolds(rawValue: 1)
    /// Latin and Greek letters lose their diacritics.
    static let diacritics = CharacterFolds(rawValue: 2)
    /// Katakana become hiragana.
    static let kana = CharacterFolds(rawValue: 4)

    /// The maps that were asked for so far.
    private static let maps = Monitor<[UInt8: CharacterMap]>([:])

    /// What this combination does to characters; nil when nothing.
    var map: CharacterMap? {
        if isEmpty { return nil }
        return Self.maps.withLock { maps in
            if let map = maps[rawValue] { return map }
            let map = CharacterMap(changes)
            maps[rawValue] = map
            return map
        }
    }

    private var changes: [UInt32: UInt32] {
        var changes: [UInt32: UInt32] = [:]
        if contains(.simplified) {
            for (from, to) in SimplifiedPairs.all { changes[from] = to }
        }
        if contains(.diacritics) {
            for range in [0xC0...0x24F, 0x370...0x3FF, 0x1E00...0x1FFF] as [ClosedRange<UInt32>] {
                for scalar in range {
                    let base = quire_without_diacritics(scalar)
                    if base != scalar { changes[scalar] = base }
                }
            }
            for mark in 0x300...0x36F as ClosedRange<UInt32> { changes[mark] = CharacterMap.dropped }
        }
        if contains(.kana) {
            for katakana in 0x30A1...0x30F6 as ClosedRange<UInt32> { changes[katakana] = katakana - 0x60 }
            for mark in 0x30FD...0x30FE as ClosedRange<UInt32> { changes[mark] = mark - 0x60 }
        }
        return changes
    }
}

/// The generated table of Chinese character classes.
enum SimplifiedPairs {
    /// Pairs of a character and what stands for its class.
    static let all: [(UInt32, UInt32)] = {
        let scalars = Array("\(simplifiedPairs)".unicodeScalars)
        return stride(from: 0, to: scalars.count - 1, by: 2).map { (scalars[$0].value, scalars[$0 + 1].value) }
    }()
}

extension TokenBuffer {
    /// Changes characters of the folded text; `rewrites` gets what changed.
    ///
    /// Complexity: O(bytes); text without such characters is only looked through.
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
                // Four bytes are read and stored, and as many are kept as there are; eight follow every text.
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
