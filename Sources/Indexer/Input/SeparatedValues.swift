import Kernels

/// One record of a CSV or TSV file, split into cells.
///
/// CSV follows RFC 4180: a cell may be quoted, and then contains separators and line breaks; a doubled quote is one
/// quote. TSV has no quoting.
struct SeparatedValues: ~Copyable {
    /// The maximum number of lines of a record: a stray quote must not swallow the rest of a file.
    static let maxRecordLines = 1000

    private let separator: UInt8
    private let quotes: Bool
    /// The bytes of the record.
    private var record = GrowableBuffer<UInt8>(capacity: 1 << 10)
    /// The bytes of all cells, back to back.
    private var cells = GrowableBuffer<UInt8>(capacity: 1 << 10)
    /// The end of each cell in `cells`.
    private var ends = GrowableBuffer<UInt32>(capacity: 64)
    /// The number of quotes in the record so far.
    private var quoteCount = 0
    /// The number of the line that the record started at, from 1; 0 before the first.
    private(set) var line = 0

    /// Creates an empty record; `quotes` permits quoted cells.
    init(separator: UInt8, quotes: Bool) {
        self.separator = separator
        self.quotes = quotes
    }

    /// Creates an empty record of a format.
    init(_ format: InputFormat) {
        self.init(separator: UInt8(ascii: format == .csv ? "," : "\t"), quotes: format == .csv)
    }

    /// The number of cells.
    var count: Int { ends.count }

    /// The number of bytes of the record so far.
    var byteCount: Int { record.count }

    /// True if the record was an empty line.
    var isBlank: Bool { record.count == 0 }

    /// True if a quote is open at the end of the lines so far.
    var isOpen: Bool { quoteCount & 1 == 1 }

    /// Starts a record with its first line.
    mutating func begin(_ line: UnsafeBufferPointer<UInt8>) {
        record.removeAll()
        quoteCount = 0
        appendLine(line)
    }

    /// Appends the next line of the record; `afterReturn` restores a carriage return before its line break.
    mutating func extend(_ line: UnsafeBufferPointer<UInt8>, afterReturn: Bool) {
        if afterReturn { record.append(13) }
        record.append(10)
        appendLine(line)
    }

    /// Appends a line and counts its quotes.
    private mutating func appendLine(_ line: UnsafeBufferPointer<UInt8>) {
        record.append(contentsOf: UnsafeRawBufferPointer(line))
        if quotes { for byte in line where byte == UInt8(ascii: "\"") { quoteCount += 1 } }
    }

    /// Reads the next record, which may span lines, and splits it; returns false at the end.
    ///
    /// Errors: `record` for text after a closing quote, `unusable` for a quote that is not closed: it ends the file,
    /// since everything after a stray quote would be read as part of the record. `source` as of the lines.
    mutating func readRecord(_ lines: inout LineReader) throws(InputError) -> Bool {
        guard let first = try lines.next() else { return false }
        line = lines.line
        begin(first)
        while isOpen {
            let hadReturn = lines.endedWithReturn
            guard lines.line - line < Self.maxRecordLines, byteCount < LineReader.maxLineBytes else {
                throw openQuote("within \(Self.maxRecordLines) lines or 64 MB", lines.source.name)
            }
            guard let nextLine = try lines.next() else { throw openQuote("before the end", lines.source.name) }
            extend(nextLine, afterReturn: hadReturn)
        }
        do {
            try split()
        } catch {
            throw .record(file: lines.source.name, line: line, problem: error.text)
        }
        return true
    }

    /// Returns the error for a quote that is not closed within a limit.
    private func openQuote(_ limit: String, _ file: String) -> InputError {
        .unusable(
            file: file,
            problem: "line \(line): a quote in this record is not closed \(limit); "
                + "double the quotes inside a cell, or give --format tsv if it is no CSV")
    }

    /// Splits the record into cells. Complexity: O(bytes). Errors: text after a closing quote.
    mutating func split() throws(RecordProblem) {
        cells.removeAll()
        ends.removeAll()
        var i = 0
        while true {
            if quotes, i < record.count, record[i] == UInt8(ascii: "\"") {
                i = try splitQuoted(i)
            } else {
                let start = i
                while i < record.count, record.base[i] != separator { i &+= 1 }
                cells.append(from: record.base + start, count: i - start)
            }
            ends.append(UInt32(cells.count))
            if i >= record.count { return }
            i += 1
        }
    }

    /// Appends the quoted cell that starts at `open`; returns the index after its closing quote.
    private mutating func splitQuoted(_ open: Int) throws(RecordProblem) -> Int {
        var i = open + 1
        while i < record.count {
            let byte = record[i]
            if byte != UInt8(ascii: "\"") {
                cells.append(byte)
                i += 1
            } else if i + 1 < record.count, record[i + 1] == UInt8(ascii: "\"") {
                cells.append(byte)
                i += 2
            } else {
                i += 1
                if i < record.count, record[i] != separator {
                    throw RecordProblem(
                        "column \(count + 1): text follows the closing quote; double the quotes inside a cell")
                }
                return i
            }
        }
        throw RecordProblem("column \(count + 1): the quote is not closed")
    }

    /// Returns the bytes of a cell, valid until the next record.
    func cell(_ i: Int) -> UnsafeBufferPointer<UInt8> {
        let start = i == 0 ? 0 : Int(ends[i - 1])
        return UnsafeBufferPointer(start: cells.base + start, count: Int(ends[i]) - start)
    }
}
