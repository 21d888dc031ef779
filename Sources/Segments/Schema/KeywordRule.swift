/// The rule that turns the values of a keyword field into terms: prefix filter and hierarchy levels.
package struct KeywordRule: Sendable {
    /// The maximum length of a value, in bytes.
    package static let maxBytes = 32 << 10
    /// The maximum number of hierarchy levels indexed above a value; the highest levels win.
    static let maxLevels = 64

    /// The prefix that values must have; it is not part of their terms.
    private let prefix: [UInt8]
    /// The separator between the levels of a hierarchy; a value is indexed under all levels above it as well.
    private let separator: [UInt8]

    /// Creates the rule of a keyword field.
    package init(_ field: Field) {
        prefix = Array((field.prefix ?? "").utf8)
        separator = Array((field.separator ?? "").utf8)
    }

    /// Calls `body` with each term of a value, higher levels first; never for an empty value or one without the field's
    /// prefix.
    ///
    /// The buffers passed to `body` alias `value`. Complexity: O(bytes of `value`).
    @inline(__always)
    package func forEachTerm(_ value: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var value = value
        if !prefix.isEmpty {
            guard value.starts(with: prefix) else { return }
            value = UnsafeBufferPointer(rebasing: value[prefix.count...])
        }
        if value.isEmpty { return }
        if !separator.isEmpty {
            Self.forEachLevel(above: value, separator) { end in
                body(UnsafeBufferPointer(rebasing: value[..<end]))
                return true
            }
        }
        body(value)
    }

    /// Calls `body` with the end of each level above a value, the highest level first, while `body` returns true.
    ///
    /// Levels without a name are left out, and a separator at the very end of a value separates nothing. At most
    /// `maxLevels` levels are passed.
    package static func forEachLevel(
        above value: UnsafeBufferPointer<UInt8>, _ separator: [UInt8], _ body: (_ end: Int) -> Bool
    ) {
        var levelStart = 0
        var position = 0
        var levels = 0
        while position + separator.count < value.count, levels < maxLevels {
            guard value[position...].starts(with: separator) else {
                position += 1
                continue
            }
            if position > levelStart {
                if !body(position) { return }
                levels += 1
            }
            position += separator.count
            levelStart = position
        }
    }
}
