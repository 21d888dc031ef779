import Kernels

/// One record of a CSV or TSV file, cut into cells.
///
/// CSV follows RFC 4180: a cell may be quoted, then holds separators and line breaks, and a doubled quote is one quote.
/// TSV knows no quoting.
struct SeparatedValues: ~Copyable {
    /// Most lines a quoted cell may span: a stray quote must not swallow the rest of a file.
    static let longestRecord = 1000

    private let separator: UInt8
    private let quotes: Bool
    private var record = GrowableBuffer<UInt8>(capacity: 1 << 10)
    private var cells = GrowableBuffer<UInt8>(capacity: 1 << 10)
    private var ends = GrowableBuffer<UInt32>(capacity: 64)
    private var quoteCount = 0

    init(separator: UInt8, quotes: Bool) {
        self.separator = separator
        self.quotes = quotes
    }

    /// Number of cells.
    var count: Int { ends.count }

    /// Bytes of the record so far.
    var byteCount: Int { record.count }

    /// Whether the record was an empty line.
    var isBlank: Bool { record.count == 0 }

    /// Whether a quote is open at the end of what was given so far.
    var isOpen: Bool { quoteCount & 1 == 1 }

    /// Begins a record with its first line.
    mutating func begin(_ line: UnsafeBufferPointer<UInt8>) {
        record.removeAll()
        quoteCount = 0
        take(line)
    }

    /// Goes on with the next line of the record.
    mutating func extend(_ line: UnsafeBufferPointer<UInt8>, afterReturn: Bool) {
        if afterReturn { record.append(13) }
        record.append(10)
        take(line)
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) {
        record.append(contentsOf: UnsafeRawBufferPointer(line))
        if quotes { for byte in line where byte == UInt8(ascii: "\"") { quoteCount += 1 } }
    }

    /// Cuts the record.
    mutating func cut() throws(RecordProblem) {
        cells.removeAll()
        ends.removeAll()
        var i = 0
        while true {
            if quotes, i < record.count, record[i] == UInt8(ascii: "\"") {
                i = try cutQuoted(i)
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

    private mutating func cutQuoted(_ open: Int) throws(RecordProblem) -> Int {
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

    /// The bytes of a cell; valid until the next record.
    func cell(_ i: Int) -> UnsafeBufferPointer<UInt8> {
        let start = i == 0 ? 0 : Int(ends[i - 1])
        return UnsafeBufferPointer(start: cells.base + start, count: Int(ends[i]) - start)
    }
}
