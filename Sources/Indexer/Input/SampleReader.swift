import Kernels
package import Storage

/// A reader of the first records of a source, for the inference of a schema.
///
/// It applies a mapping as `DocumentReader` does. Records that cannot be read are skipped: indexing reports them.
/// ```swift
/// source.mark()
/// var reader = SampleReader(source, .ndjson, Mapping())
/// while let record = try reader.next() { add(record) }
/// try source.rewind()
/// ```
package struct SampleReader: ~Copyable {
    /// The maximum number of records of a sample.
    package static let maxRecords = 2000
    /// The maximum number of bytes of a sample, after decompression; the record that exceeds it is the last.
    package static let maxBytes = 8 << 20

    private let format: InputFormat
    private var lines: LineReader
    private var separated: SeparatedValues
    /// The names of the columns, once the header was read.
    private var columns: [String]?
    private let mapping: SampleMapping
    /// The error of the first record that was skipped; nil when there was none.
    package private(set) var firstProblem: InputError?
    private var records = 0
    private var byteCount = 0

    /// Creates a reader before the first record.
    package init(_ source: ByteSource, _ format: InputFormat, _ mapping: Mapping) {
        self.format = format
        lines = LineReader(source)
        separated = SeparatedValues(format)
        self.mapping = SampleMapping(mapping, file: source.name)
    }

    /// Returns the next record of the sample; nil at its end.
    ///
    /// Errors: `source`, and `unusable` for a header that cannot be read, a line that is too long, or an open quote.
    package mutating func next() throws(InputError) -> SampleRecord? {
        while records < Self.maxRecords, byteCount < Self.maxBytes {
            var record = SampleRecord()
            do throws(InputError) {
                guard try read(&record) else { return nil }
            } catch {
                guard case .record(let file, let line, let problem) = error else { throw error }
                if format != .ndjson, columns == nil {
                    throw .unusable(file: file, problem: "line \(line), the header: \(problem)")
                }
                if firstProblem == nil { firstProblem = error }
                // Counted, so that a file of another format ends the sample as well.
                records += 1
                continue
            }
            records += 1
            mapping.apply(to: &record)
            return record
        }
        return nil
    }

    /// Reads a record as it is in the input; returns false at the end.
    private mutating func read(_ record: inout SampleRecord) throws(InputError) -> Bool {
        if format != .ndjson { return try readSeparated(&record) }
        while let line = try lines.next() {
            byteCount += line.count + 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 9 }) { continue }
            record.line = lines.line
            do {
                var scanner = JSONScanner(line)
                try scanner.readSample(&record)
            } catch {
                throw .record(file: lines.source.name, line: lines.line, problem: error.text)
            }
            return true
        }
        return false
    }

    /// Reads a record of a CSV or TSV file, and the header before the first.
    private mutating func readSeparated(_ record: inout SampleRecord) throws(InputError) -> Bool {
        while try separated.readRecord(&lines) {
            byteCount += separated.byteCount
            if separated.isBlank { continue }
            let cells = (0..<separated.count).map { String(decoding: separated.cell($0), as: UTF8.self) }
            guard let columns else {
                columns = cells
                continue
            }
            guard cells.count == columns.count else {
                throw .record(file: lines.source.name, line: separated.line, problem: "another number of columns")
            }
            record.line = separated.line
            for (path, cell) in zip(columns, cells) where !cell.isEmpty {
                let kind = SampleRecord.Kind(cell: cell)
                record.values.append(SampleRecord.Value(path: path, kind: kind, text: cell, isText: true))
            }
            return true
        }
        return false
    }
}

extension JSONScanner {
    /// Parses the object of a line into values by path. Errors: text that is not a JSON object.
    fileprivate mutating func readSample(_ record: inout SampleRecord) throws(RecordProblem) {
        skipBlanks()
        guard peek == UInt8(ascii: "{") else { throw expected("a JSON object on one line") }
        try readSampleObject("", &record, isRepeated: false, depth: 0)
        skipBlanks()
        guard position == count else { throw expected("the end of the line after the object") }
    }

    /// Parses a quoted name or text.
    private mutating func readText() throws(RecordProblem) -> String {
        var bytes = GrowableBuffer<UInt8>(capacity: 64)
        _ = try readString(into: &bytes)
        return String(decoding: bytes.elements, as: UTF8.self)
    }

    /// Parses the members of an object whose brace is next; `prefix` is its path with a dot.
    private mutating func readSampleObject(
        _ prefix: String, _ record: inout SampleRecord, isRepeated: Bool, depth: Int
    ) throws(RecordProblem) {
        guard depth < Self.maxDepth else {
            throw RecordProblem("column \(position + 1): nested deeper than \(Self.maxDepth) levels")
        }
        guard enterItems(closing: UInt8(ascii: "}")) else { return }
        repeat {
            let name = try readText()
            try readColon()
            try readSampleValue(prefix + name, &record, isRepeated: isRepeated, depth: depth + 1)
        } while try nextItem(closing: UInt8(ascii: "}"), "brace")
    }

    /// Parses a value of a member: scalars, objects, and arrays of both.
    private mutating func readSampleValue(
        _ path: String, _ record: inout SampleRecord, isRepeated: Bool, depth: Int
    ) throws(RecordProblem) {
        var value = SampleRecord.Value(path: path, kind: .text, text: "", isText: false, isRepeated: isRepeated)
        switch peek {
        case UInt8(ascii: "\""):
            value.text = try readText()
            value.isText = true
            if value.text.isEmpty { value.kind = .empty }
        case UInt8(ascii: "-"), 0x30...0x39:
            let number = try readNumber()
            value.text = String(decoding: number, as: UTF8.self)
            value.kind = SampleRecord.Kind(number: number)
        case UInt8(ascii: "t"):
            try readWord("true")
            (value.kind, value.text) = (.boolean, "true")
        case UInt8(ascii: "f"):
            try readWord("false")
            (value.kind, value.text) = (.boolean, "false")
        case UInt8(ascii: "n"):
            try readWord("null")
            // A member that is there several times needs a field with several values.
            if isRepeated { record.values.append(value.with(kind: .array)) }
            return
        case UInt8(ascii: "{"):
            record.values.append(value.with(kind: .object))
            return try readSampleObject(path + ".", &record, isRepeated: isRepeated, depth: depth)
        case UInt8(ascii: "["):
            record.values.append(value.with(kind: .array))
            return try readSampleArray(path, &record, depth: depth)
        default: throw expected("a value")
        }
        record.values.append(value)
    }

    /// Parses the elements of an array. An array inside of it has no values that a field can read.
    private mutating func readSampleArray(
        _ path: String, _ record: inout SampleRecord, depth: Int
    ) throws(RecordProblem) {
        guard enterItems(closing: UInt8(ascii: "]")) else { return }
        repeat {
            if peek == UInt8(ascii: "[") {
                try skipValue(depth: depth)
                record.values.append(
                    SampleRecord.Value(path: path, kind: .nestedArray, text: "", isText: false, isRepeated: true))
            } else {
                try readSampleValue(path, &record, isRepeated: true, depth: depth + 1)
            }
        } while try nextItem(closing: UInt8(ascii: "]"))
    }
}
