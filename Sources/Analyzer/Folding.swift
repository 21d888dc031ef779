import CICU
import Kernels

/// How text is made comparable before it is cut.
enum Folding: UInt8, Sendable {
    /// ASCII letters become lower case, everything else stays.
    case ascii
    /// Unicode's NFKC case folding: case, width, compatibility forms, ignorable characters.
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
        if highBits >= 0x80, folding == .compatibilityCaseFold { foldUnicode(source) }
        (text.base + text.count).update(repeating: 0, count: 8)
    }

    private mutating func foldUnicode(_ source: UnsafeBufferPointer<UInt8>) {
        text.removeAll()
        while true {
            var changes: Int32 = 0
            let written = source.withMemoryRebound(to: CChar.self) { bytes in
                text.base.withMemoryRebound(to: CChar.self, capacity: text.capacity) { target in
                    quire_fold(
                        bytes.baseAddress, Int32(bytes.count), target, Int32(text.capacity - 8),
                        edits.base, Int32(edits.capacity), &changes)
                }
            }
            precondition(written >= 0, "ICU's case-folding data is missing; reinstall the ICU library")
            if Int(written) <= text.capacity - 8, Int(changes) <= edits.capacity {
                text.count = Int(written)
                edits.count = Int(changes)
                return
            }
            text.reserve(Int(written) + 8)
            edits.reserve(Int(changes))
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
