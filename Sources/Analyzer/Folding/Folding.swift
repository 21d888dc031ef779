import CICU

/// The normalization of text before it is segmented.
enum Folding: UInt8, Sendable {
    /// Maps ASCII letters to lower case and nothing else.
    case ascii
    /// Unicode's NFKC case folding (NFKC_Casefold): case, width, compatibility forms, ignorable characters. Trademark
    /// signs are removed, emoji sequences are kept.
    ///
    /// `Straße` becomes strasse, `ＰＹＴＨＯＮ` python, `①` 1, `ﾄｳｷｮｳ` トウキョウ, and `Java™SE` javase.
    case compatibilityCaseFold
}

extension TokenBuffer {
    /// Fills `text` with the folded form of `source` and `edits` with the ranges that changed in length, which map
    /// offsets back to `source`.
    ///
    /// Shape: `source` is valid UTF-8; the buffer must have been `reset`. Pure ASCII takes a fast path, which equals
    /// ICU's result on every ASCII text (tested). Complexity: O(bytes).
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

    /// Folds the text between signs; removes trademark signs and keeps emoji.
    private mutating func foldAroundSigns(_ source: UnsafePointer<UInt8>, _ count: Int) {
        var foldedEnd = 0
        var i = 0
        while let sign = nextSign(source, from: i, count) {
            foldUnicode(source, from: foldedEnd, to: sign.start)
            let target = text.count
            if sign.isEmoji { appendEmoji(source, from: sign.start, to: sign.end) }
            edits.append(
                quire_edit(
                    source: Int32(sign.start), source_length: Int32(sign.end - sign.start), target: Int32(target),
                    target_length: Int32(text.count - target)))
            foldedEnd = sign.end
            i = sign.end
        }
        foldUnicode(source, from: foldedEnd, to: count)
        text.reserve(8)
    }

    /// Appends the folded form of a range of the source: with the table where characters do not depend on each other,
    /// and with ICU from the character before one that does up to the next that does not.
    private mutating func foldUnicode(_ source: UnsafePointer<UInt8>, from: Int, to: Int) {
        let table = FoldTable.shared
        text.reserve((to - from) * 3 / 2 + 8)
        var i = from
        while i < to {
            // The state before this character, whose folded form may still depend on the next one.
            let previous = (start: i, count: text.count, edits: edits.count)
            let scalar: UInt32
            var length = 1
            if source[i] < 0x80 { scalar = UInt32(source[i]) } else { (scalar, length) = decodeScalar(source + i) }
            if table[scalar] == 0 {
                i = foldDependent(source, from: i, to: to)
                continue
            }
            appendFolded(table[scalar], source: i, length)
            i &+= length
            // A next character that depends on this one is folded together with it.
            if i < to, source[i] >= 0x80, table[decodeScalar(source + i).scalar] == 0 {
                text.count = previous.count
                edits.count = previous.edits
                i = foldDependent(source, from: previous.start, to: to)
            }
        }
    }

    /// Appends the bytes of an entry of the table, for a character of `length` bytes at the offset `source`.
    @inline(__always)
    private mutating func appendFolded(_ entry: UInt32, source: Int, _ length: Int) {
        let foldedLength = Int(entry &>> 24 & 3)
        let target = text.count
        // Stores four bytes and keeps `foldedLength` of them.
        UnsafeMutableRawPointer(text.base + target).storeBytes(of: entry.littleEndian, as: UInt32.self)
        text.count = target &+ foldedLength
        // Several characters are an edit even when they have as many bytes as the one.
        if Int(entry &>> 24) != length {
            edits.append(
                quire_edit(
                    source: Int32(truncatingIfNeeded: source), source_length: Int32(truncatingIfNeeded: length),
                    target: Int32(truncatingIfNeeded: target), target_length: Int32(truncatingIfNeeded: foldedLength)))
        }
    }

    /// Folds with ICU from a character up to the next one that does not depend on its predecessor; returns the offset
    /// of the latter.
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

    /// Appends the folded form of a range of the source, all of it by ICU, and the edits. Traps when ICU's data is
    /// missing.
    mutating func foldByICU(_ source: UnsafePointer<UInt8>, from: Int, to: Int) {
        text.reserve(to - from + 8)
        let editStart = edits.count
        while true {
            var editCount: Int32 = 0
            let room = text.capacity - text.count - 8
            let written = UnsafeRawPointer(source + from).withMemoryRebound(to: CChar.self, capacity: to - from) {
                bytes in
                UnsafeMutableRawPointer(text.base + text.count).withMemoryRebound(to: CChar.self, capacity: room) {
                    quire_fold(
                        bytes, Int32(to - from), $0, Int32(room), edits.base + editStart,
                        Int32(edits.capacity - editStart), &editCount)
                }
            }
            precondition(written >= 0, "ICU's case-folding data is missing; reinstall the ICU library")
            if Int(written) <= room, Int(editCount) <= edits.capacity - editStart {
                for i in editStart..<editStart + Int(editCount) {
                    edits.base[i].source += Int32(from)
                    edits.base[i].target += Int32(text.count)
                }
                text.count += Int(written)
                edits.count = editStart + Int(editCount)
                return
            }
            text.reserve(Int(written) + 8)
            edits.reserve(Int(editCount))
        }
    }

    /// Appends an emoji sequence without its variation selectors and skin tones, so that ❤ and ❤️ are the same term.
    private mutating func appendEmoji(_ source: UnsafePointer<UInt8>, from: Int, to: Int) {
        var i = from
        while i < to {
            let (scalar, length) = source[i] < 0x80 ? (UInt32(source[i]), 1) : decodeScalar(source + i)
            if !Emoji.isVariation(scalar) { text.append(from: source + i, count: length) }
            i += length
        }
    }
}

/// Copies bytes with `A-Z` mapped to `a-z`. Returns the bitwise or of all bytes, which is below 0x80 when all are
/// ASCII.
private func lowercaseASCII(
    _ source: UnsafePointer<UInt8>, _ count: Int, to out: UnsafeMutablePointer<UInt8>
) -> UInt8 {
    var union: UInt8 = 0
    for i in 0..<count {
        let byte = source[i]
        union |= byte
        out[i] = byte | (byte &- 0x41 < 26 ? 0x20 : 0)
    }
    return union
}
