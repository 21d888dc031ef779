/// A value that can be written as JSON.
package protocol JSONWritable {
    /// Writes the value.
    func write(to json: inout JSONWriter)
}

/// A writer of JSON text (RFC 8259), which puts the commas. It is as good as its calls: a value in an object needs its
/// name first, and what begins must end.
///
/// Numbers have the digits of Swift's descriptions, the fewest that give the same number back, and no `.0`. Text is
/// written as UTF-8; only quotes, backslashes and control characters are escaped.
///
/// ```swift
/// var json = JSONWriter()
/// json.object { json in
///     json.member("id", "b1")
///     json.member("year", 2001)
/// }
/// json.withBytes { socket.send($0) }   // {"id":"b1","year":2001}
/// ```
package struct JSONWriter: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// The number of bytes written.
    package private(set) var count = 0
    /// True if a number was written that JSON does not have, NaN or an infinity; `null` stands in its place.
    package private(set) var hasInvalidNumber = false
    /// True if the next value or name is preceded by a comma.
    private var needsComma = false
    /// The number of objects and arrays that have begun; nil for text without line breaks.
    private var depth: Int?

    /// Creates a writer with room for `capacity` bytes, which grows; `isIndented` for people, with line breaks.
    package init(capacity: Int = 1024, isIndented: Bool = false) {
        self.capacity = max(capacity, 64)
        start = .allocate(capacity: self.capacity)
        depth = isIndented ? 0 : nil
    }

    deinit { start.deallocate() }

    /// Calls `body` with the text as UTF-8.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Forgets the text, and keeps the room.
    package mutating func removeAll() {
        count = 0
        needsComma = false
        hasInvalidNumber = false
    }

    // MARK: Objects and arrays

    /// Writes an object, whose members `body` writes.
    package mutating func object(_ body: (inout JSONWriter) -> Void) { nest("{", "}", body) }

    /// Writes an array, whose elements `body` writes.
    package mutating func array(_ body: (inout JSONWriter) -> Void) { nest("[", "]", body) }

    private mutating func nest(_ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ body: (inout JSONWriter) -> Void)
    {
        beginValue()
        append(UInt8(ascii: opening))
        needsComma = false
        let outer = depth
        depth = outer.map { $0 + 1 }
        body(&self)
        depth = outer
        if needsComma { breakLine() }
        append(UInt8(ascii: closing))
        needsComma = true
    }

    /// Writes a member of an object.
    package mutating func member(_ name: StaticString, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }

    /// Writes a member of an object, unless it is nil.
    package mutating func member(_ name: StaticString, ifPresent value: (some JSONWritable)?) {
        if let value { member(name, value) }
    }

    /// Writes a member of an object.
    package mutating func member(_ name: String, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }

    /// Writes the name of a member, which needs no escapes. Its value follows.
    package mutating func name(_ name: StaticString) {
        beginValue()
        reserve(name.utf8CodeUnitCount + 5)
        put(UInt8(ascii: "\""))
        (start + count).update(from: name.utf8Start, count: name.utf8CodeUnitCount)
        count += name.utf8CodeUnitCount
        put(UInt8(ascii: "\""))
        endName()
    }

    /// Writes the name of a member. Its value follows.
    package mutating func name(_ name: String) {
        beginValue()
        appendQuoted(name)
        reserve(3)
        endName()
    }

    private mutating func endName() {
        if depth != nil { put(UInt8(ascii: " ")) }
        put(UInt8(ascii: ":"))
        if depth != nil { put(UInt8(ascii: " ")) }
        needsComma = false
        // The value stands on the line of its name.
        isAfterName = true
    }

    private var isAfterName = false

    // MARK: Values

    /// Writes a string.
    package mutating func value(_ text: String) {
        beginValue()
        appendQuoted(text)
        needsComma = true
    }

    /// Writes true or false.
    package mutating func value(_ isTrue: Bool) { literal(isTrue ? "true" : "false") }

    /// Writes null.
    package mutating func null() { literal("null") }

    /// Writes a whole number.
    package mutating func value(_ number: some FixedWidthInteger) {
        beginValue()
        appendDigits(Int64(number))
        needsComma = true
    }

    /// Writes a number.
    package mutating func value(_ number: Double) {
        if number.magnitude < 0x1p53, let whole = Int64(exactly: number), whole != 0 || number.sign == .plus {
            return value(whole)
        }
        appendDescription(number, isFinite: number.isFinite)
    }

    /// Writes a number with the digits of its own precision.
    package mutating func value(_ number: Float) {
        if number.magnitude < 0x1p24, let whole = Int64(exactly: number), whole != 0 || number.sign == .plus {
            return value(whole)
        }
        appendDescription(number, isFinite: number.isFinite)
    }

    private mutating func appendDescription(_ number: some CustomStringConvertible, isFinite: Bool) {
        guard isFinite else {
            hasInvalidNumber = true
            return literal("null")
        }
        beginValue()
        var text = number.description
        text.withUTF8 { digits in
            let isWhole =
                digits.count > 2 && digits[digits.count - 1] == UInt8(ascii: "0")
                && digits[digits.count - 2] == UInt8(ascii: ".")
            append(UnsafeBufferPointer(rebasing: digits.dropLast(isWhole ? 2 : 0)))
        }
        needsComma = true
    }

    private mutating func literal(_ text: StaticString) {
        beginValue()
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        needsComma = true
    }

    // MARK: Bytes

    private mutating func beginValue() {
        if isAfterName {
            isAfterName = false
            return
        }
        if needsComma { append(UInt8(ascii: ",")) }
        breakLine()
    }

    private mutating func breakLine() {
        guard let depth, depth > 0 || count > 0 else { return }
        append(UInt8(ascii: "\n"))
        for _ in 0..<2 * depth { append(UInt8(ascii: " ")) }
    }

    private mutating func reserve(_ room: Int) {
        guard count + room > capacity else { return }
        capacity = max(count + room, capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        start.deallocate()
        start = larger
    }

    /// Appends a byte for which there is room.
    private mutating func put(_ byte: UInt8) {
        start[count] = byte
        count += 1
    }

    private mutating func append(_ byte: UInt8) {
        reserve(1)
        put(byte)
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (start + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    private mutating func appendDigits(_ number: Int64) {
        reserve(20)
        if number < 0 { put(UInt8(ascii: "-")) }
        var rest = number.magnitude
        var digits = 1
        var bound: UInt64 = 10
        while digits < 19, rest >= bound {
            digits += 1
            bound *= 10
        }
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            start[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    // MARK: Text

    private mutating func appendQuoted(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            reserve(bytes.count + 2)
            put(UInt8(ascii: "\""))
            var rest = bytes[...]
            while let place = Self.firstEscaped(UnsafeBufferPointer(rebasing: rest)) {
                append(UnsafeBufferPointer(rebasing: rest.prefix(place)))
                appendEscaped(rest[rest.startIndex + place])
                rest = rest.dropFirst(place + 1)
            }
            append(UnsafeBufferPointer(rebasing: rest))
            append(UInt8(ascii: "\""))
        }
    }

    /// The index of the first byte that is escaped: a control character, a quote or a backslash. Eight bytes at a time.
    private static func firstEscaped(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let raw = UnsafeRawBufferPointer(bytes)
        let (ones, highs) = (UInt64(0x0101_0101_0101_0101), UInt64(0x8080_8080_8080_8080))
        var index = 0
        while index + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            let found =
                ((word &- ones &* 0x20) & ~word) | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
            if found & highs != 0 { break }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return index }
            index += 1
        }
        return nil
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        reserve(6)
        put(UInt8(ascii: "\\"))
        switch byte {
        case 0x22, 0x5C: put(byte)
        case 0x08: put(UInt8(ascii: "b"))
        case 0x09: put(UInt8(ascii: "t"))
        case 0x0A: put(UInt8(ascii: "n"))
        case 0x0C: put(UInt8(ascii: "f"))
        case 0x0D: put(UInt8(ascii: "r"))
        default:
            put(UInt8(ascii: "u"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0") + byte >> 4)
            let low = byte & 15
            put(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}

extension String: JSONWritable {
    package func write(to json: inout JSONWriter) { json.value(self) }
}

extension Int: JSONWritable {
    package func write(to json: inout JSONWriter) { json.value(self) }
}

extension Double: JSONWritable {
    package func write(to json: inout JSONWriter) { json.value(self) }
}

extension Float: JSONWritable {
    package func write(to json: inout JSONWriter) { json.value(self) }
}

extension Bool: JSONWritable {
    package func write(to json: inout JSONWriter) { json.value(self) }
}

extension Array: JSONWritable where Element: JSONWritable {
    package func write(to json: inout JSONWriter) {
        json.array { json in
            for element in self { element.write(to: &json) }
        }
    }
}

extension Dictionary: JSONWritable where Key == String, Value: JSONWritable {
    /// Writes an object with sorted names.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            for (name, value) in sorted(by: { $0.key < $1.key }) { json.member(name, value) }
        }
    }
}
