/// What terms a keyword field makes of a value.
struct KeywordRule: Sendable {
    /// Longest value, in bytes.
    static let longest = 32 << 10
    /// Most levels of a hierarchy above a value: the highest.
    static let mostLevels = 64

    /// Only values that begin like this are the field's, without the beginning.
    private let prefix: [UInt8]
    /// What parts the levels of a hierarchy; a value stands for all levels above it as well.
    private let separator: [UInt8]

    init(_ field: Field) {
        prefix = Array((field.prefix ?? "").utf8)
        separator = Array((field.separator ?? "").utf8)
    }

    /// Calls `body` with each term of a value; none for an empty one.
    @inline(__always)
    func forEachTerm(_ value: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
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

    /// The levels above a value, the highest first, by where they end; those without a name are left out, and a
    /// separator at the very end parts nothing. Goes on while `body` answers true.
    static func forEachLevel(
        above value: UnsafeBufferPointer<UInt8>, _ separator: [UInt8], _ body: (_ end: Int) -> Bool
    ) {
        var start = 0
        var place = 0
        var levels = 0
        while place + separator.count < value.count, levels < mostLevels {
            guard value[place...].starts(with: separator) else {
                place += 1
                continue
            }
            if place > start {
                if !body(place) { return }
                levels += 1
            }
            place += separator.count
            start = place
        }
    }
}
