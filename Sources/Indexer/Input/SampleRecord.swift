/// One record of the input as values by path, before there is a schema.
package struct SampleRecord {
    /// The kind of a value in a sample. The last three are no values, but restrict the fields that can read the member:
    /// an empty text, an array with any content, and an object.
    package enum Kind: Sendable { case text, integer, float, boolean, nestedArray, empty, array, object }

    /// One value of a record.
    package struct Value: Sendable {
        /// The path of its member, as a field's `from` names it.
        package var path: String
        /// The kind that its notation suggests.
        package var kind: Kind
        /// The value as text.
        package var text: String
        /// True if a field of texts can read it: texts, and all cells of tables.
        package var isText: Bool
        /// True if it is an element of an array, or in one.
        package var isRepeated = false

        /// Returns a copy of another kind.
        func with(kind: Kind) -> Value {
            var copy = self
            copy.kind = kind
            return copy
        }
    }

    /// The values in the order of the input.
    package var values: [Value] = []
    /// The number of the line that the record started at, from 1.
    package var line = 0
}

extension SampleRecord.Kind {
    /// The kind that the notation of a cell suggests. Digits after a leading zero are text, as in codes.
    init(cell: String) {
        let digits = cell.hasPrefix("-") ? cell.dropFirst() : cell[...]
        let isCode = digits.utf8.first == 0x30 && digits.utf8.dropFirst().first.map { $0 &- 0x30 < 10 } == true
        if cell == "true" || cell == "false" {
            self = .boolean
        } else if isCode || digits.utf8.first.map({ $0 &- 0x30 < 10 }) != true {
            self = .text
        } else {
            var copy = cell
            self = copy.withUTF8 { Self(number: $0) }
        }
    }

    /// The kind of a number; text for anything else.
    init(number: UnsafeBufferPointer<UInt8>) {
        self = parseInteger(number) != nil ? .integer : parseNumber(number) != nil ? .float : .text
    }
}
