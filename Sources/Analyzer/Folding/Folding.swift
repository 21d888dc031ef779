import CICU
import Kernels

/// How text is made comparable before it is cut.
enum Folding: UInt8, Sendable {
    /// ASCII letters become lower case, everything else stays.
    case ascii
    /// Unicode's NFKC case folding: case, width, compatibility forms, ignorable characters. Trademark signs are left
    /// out, emoji stay as they are.
    case compatibilityCaseFold
}

extension TokenBuffer {
    /// Fills `text` with the folded form of `source` and `edits` with what changed.
    ///
    /// Pure ASCII takes a path of its own, which equals ICU's on every ASCII text (tested).
    mutating func fold(_ source: UnsafeBufferPointer<UInt8>, _ folding: Folding) {
        guard let from = source.baseAddress else { return }
        text.reserve(source.count + 8)
        let highBits = lowercaseASCII(from, source.count, to: text.base)
        text.count = source.count
        if highBits >= 0x80, folding == .compatibilityCaseFold {
            text.removeAll()
            foldAroundSigns(from, source.count)
        }
        textLength = text.count
        (text.base + text.count).update(repeating: 0, count: 8)
    }

    /// Folds what stands between signs and emoji; drops the signs, keeps the emoji.
    private mutating func foldAroundSigns(_ source: UnsafePointer<UInt8>, _ count: Int) {
        var done = 0
        var i = 0
        while let sign = nextSign(source, from: i, count) {
            foldUnicode(source, from: done, to: sign.start)
            let kept = text.count
            if sign.isEmoji { appendEmoji(source, from: sign.start, to: sign.end) }
            edits.append(
                quire_edit(
                    source: Int32(sign.start), source_length: Int32(sign.end - sign.start), target: Int32(kept),
                    target_length: Int32(text.count - kept)))
            done = sign.end
            i = sign.end
        }
        foldUnicode(source, from: done, to: count)
        text.reserve(8)
    }

    /// Appends the folded form of a part of the source: by a table where characters do not depend on each other, by ICU
    /// from the character before one that does to the next that does not.
    private mutating func foldUnicode(_ source: UnsafePointer<UInt8>, from: Int, to: Int) {
        let table = FoldTable.shared
        text.reserve((to - from) * 3 / 2 + 8)
        var i = from
        while i < to {
            // The character before, which may yet change by what follows.
            let known = (start: i, count: text.count, edits: edits.count)
            let scalar: UInt32
            var length = 1
            if source[i] < 0x80 { scalar = UInt32(source[i]) } else { (scalar, length) = decodeScalar(source + i) }
            if table[scalar] == 0 {
                i = foldDependent(source, from: i, to: to)
                continue
            }
            appendFolded(table[scalar], source: i, length)
            i &+= length
            // What depends on this character is folded together with it.
            if i < to, source[i] >= 0x80, table[decodeScalar(source + i).scalar] == 0 {
                text.count = known.count
                edits.count = known.edits
                i = foldDependent(source, from: known.start, to: to)
            }
        }
    }

    /// Appends what the table has for a character.
    @inline(__always)
    private mutating func appendFolded(_ entry: UInt32, source: Int, _ length: Int) {
        let folded = Int(entry &>> 24 & 3)
        let target = text.count
        // Four bytes are stored and as many are kept as there are.
        UnsafeMutableRawPointer(text.base + target).storeBytes(of: entry.littleEndian, as: UInt32.self)
        text.count = target &+ folded
        // Several characters are an edit even when they take as many bytes as the one.
        if Int(entry &>> 24) != length {
            edits.append(
                quire_edit(
                    source: Int32(truncatingIfNeeded: source), source_length: Int32(truncatingIfNeeded: length),
                    target: Int32(truncatingIfNeeded: target), target_length: Int32(truncatingIfNeeded: folded)))
        }
    }

    /// Folds from a character on to the first behind it that does not depend on the one before; answers where that is.
    private mutating func foldDependent(_ source: UnsafePointer<UInt8>, from: Int, to: Int) -> Int {
        let table = FoldTable.shared
        var end = from
        repeat {
            end += source[end] < 0x80 ? 1 : decodeScalar(source + end).length
        } while end < to && source[end] >= 0x80 && table[decodeScalar(source + end).scalar] == 0
        foldByICU(source, from: from, to: end)
        text.reserve((to - end) * 3 / 2 + 8)
        return end
    }

    /// Appends the folded form of a part of the source, all of it by ICU.
    mutating func foldByICU(_ source: UnsafePointer<UInt8>, from: Int, to: Int) {
        text.reserve(to - from + 8)
        let known = edits.count
        while true {
            var changes: Int32 = 0
            let room = text.capacity - text.count - 8
            let written = UnsafeRawPointer(source + from).withMemoryRebound(to: CChar.self, capacity: to - from) {
                bytes in
                UnsafeMutableRawPointer(text.base + text.count).withMemoryRebound(to: CChar.self, capacity: room) {
                    quire_fold(
                        bytes, Int32(to - from), $0, Int32(room), edits.base + known, Int32(edits.capacity - known),
                        &changes)
                }
            }
            precondition(written >= 0, "ICU's case-folding data is missing; reinstall the ICU library")
            if Int(written) <= room, Int(changes) <= edits.capacity - known {
                for i in known..<known + Int(changes) {
                    edits.base[i].source += Int32(from)
                    edits.base[i].target += Int32(text.count)
                }
                text.count += Int(written)
                edits.count = known + Int(changes)
                return
            }
            text.reserve(Int(written) + 8)
            edits.reserve(Int(changes))
        }
    }

    /// Appends an emoji sequence without its variation selectors so that ❤ and ❤️ are one, and without skin tones.
    private mutating func appendEmoji(_ source: UnsafePointer<UInt8>, from: Int, to: Int) {
        var i = from
        while i < to {
            let (scalar, length) = source[i] < 0x80 ? (UInt32(source[i]), 1) : decodeScalar(source + i)
            if !Emoji.isVariation(scalar) { text.append(from: source + i, count: length) }
            i += length
        }
    }
}

/// Copies bytes with `A-Z` made `a-z`. Returns the bitwise or of all bytes: below 0x80 when everything was ASCII.
private func lowercaseASCII(
    _ from: UnsafePointer<UInt8>, _ count: Int, to out: UnsafeMutablePointer<UInt8>
) -> UInt8 {
    var all: UInt8 = 0
    for i in 0..<count {
        let byte = from[i]
        all |= byte
        out[i] = byte | (byte &- 0x41 < 26 ? 0x20 : 0)
    }
    return all
}
