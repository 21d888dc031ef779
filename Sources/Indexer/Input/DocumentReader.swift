import Kernels
public import Storage

/// How documents are written in a file.
public enum InputFormat: String, Sendable {
    /// One JSON object a line (NDJSON, JSON Lines).
    case ndjson
    /// RFC 4180: commas, quotes, a header line.
    case csv
    /// Tabs, no quoting, a header line.
    case tsv

    /// The format a file's name suggests, a `.gz` ending apart.
    public static func guess(_ path: String) -> InputFormat? {
        let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
        let ending = name.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased()
        switch ending {
        case "jsonl", "ndjson", "json": return .ndjson
        case "csv": return .csv
        case "tsv", "tab": return .tsv
        default: return nil
        }
    }
}

/// Reads documents one by one from a source: the streaming door of bulk indexing.
///
/// Memory: one record, at least 1 MB. Nothing is allocated per value.
public struct DocumentReader: ~Copyable {
    private let format: InputFormat
    private let name: String
    private var lines: LineReader
    private var assembler: RecordAssembler
    /// Number of the plan's target for each column of the header.
    private var columns: [Int?] = []
    private var separated: SeparatedValues
    private var hasHeader = false
    private var recordLine = 0

    /// A reader of documents for a schema.
    ///
    /// Errors: `unusable` when the mapping does not fit the schema.
    public init(
        _ source: ByteSource, _ format: InputFormat, _ schema: Schema, _ mapping: Mapping = Mapping()
    ) throws(InputError) {
        self.format = format
        name = source.name
        lines = LineReader(source)
        let plan = try InputPlan(mapping, Members(schema), unknown: schema.unknown, file: source.name)
        assembler = RecordAssembler(plan)
        separated = SeparatedValues(separator: UInt8(ascii: format == .csv ? "," : "\t"), quotes: format == .csv)
    }

    /// Number of the line the last record began at, from 1.
    public var line: Int { recordLine }

    /// Ill-formed UTF-8 sequences that were replaced by U+FFFD so far.
    public var repairs: Int { lines.repairs }

    /// Reads the next document into `document`; false at the end. Blank lines are skipped.
    ///
    /// Errors: `record` for a document that cannot be used (call again for the next one), else the input ends here.
    public mutating func next(into document: inout DocumentBuffer) throws(InputError) -> Bool {
        if format == .ndjson { return try nextJSON(into: &document) }
        if !hasHeader, try !readHeader() { return false }
        while try readSeparated() {
            if separated.isBlank { continue }
            do {
                try assemble(into: &document)
            } catch {
                throw .record(file: name, line: recordLine, problem: error.text)
            }
            return true
        }
        return false
    }

    private mutating func nextJSON(into document: inout DocumentBuffer) throws(InputError) -> Bool {
        while let line = try lines.next() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 9 }) { continue }
            recordLine = lines.line
            do {
                assembler.begin(&document)
                var scanner = JSONScanner(line)
                try scanner.read(&assembler, into: &document)
                try assembler.end(&document)
            } catch {
                throw .record(file: name, line: recordLine, problem: error.text)
            }
            return true
        }
        return false
    }

    private mutating func readSeparated() throws(InputError) -> Bool {
        guard let first = try lines.next() else { return false }
        recordLine = lines.line
        separated.begin(first)
        while separated.isOpen {
            // Not a matter of one record: everything behind a stray quote would be read as part of it.
            let hadReturn = lines.endedWithReturn
            guard lines.line - recordLine < SeparatedValues.longestRecord, separated.byteCount < LineReader.longestLine
            else { throw openQuote("within \(SeparatedValues.longestRecord) lines or 64 MB") }
            guard let more = try lines.next() else { throw openQuote("before the end") }
            separated.extend(more, afterReturn: hadReturn)
        }
        do {
            try separated.cut()
        } catch {
            throw .record(file: name, line: recordLine, problem: error.text)
        }
        return true
    }

    private func openQuote(_ limit: String) -> InputError {
        .unusable(
            file: name,
            problem: "line \(recordLine): a quote in this record is not closed \(limit); "
                + "double the quotes inside a cell, or give --format tsv if it is no CSV")
    }

    private mutating func readHeader() throws(InputError) -> Bool {
        repeat {
            do {
                guard try readSeparated() else { return false }
            } catch {
                // Without its header a file has no meaning: no later line may take its place.
                guard case .record(_, let line, let problem) = error else { throw error }
                throw .unusable(file: name, problem: "line \(line), the header: \(problem)")
            }
        } while separated.isBlank
        hasHeader = true
        let plan = assembler.plan
        for i in 0..<separated.count {
            let cell = separated.cell(i)
            let target = plan.find(cell, guess: i)
            if target == nil, plan.unknown == .refuse {
                throw .unusable(
                    file: name,
                    problem: "no field of the schema reads the column \(quoted(cell)); add a field, "
                        + "or ignore it in a mapping: {\"ignore\": [\(quoted(cell))]}")
            }
            if let target, plan.targets[target].member != nil, columns.contains(target) {
                throw .unusable(file: name, problem: "the header names the column \(quoted(cell)) twice; rename one")
            }
            columns.append(target)
        }
        return true
    }

    private mutating func assemble(into document: inout DocumentBuffer) throws(RecordProblem) {
        guard separated.count == columns.count else {
            throw RecordProblem("expected \(columns.count) columns as in the header, found \(separated.count)")
        }
        assembler.begin(&document)
        for (i, column) in columns.enumerated() {
            guard let column else { continue }
            let target = assembler.plan.targets[column]
            if target.member == nil, target.variable == nil { continue }
            if let member = target.member { try assembler.open(member) }
            let cell = separated.cell(i)
            let start = document.bytes.count
            document.bytes.append(contentsOf: UnsafeRawBufferPointer(cell))
            try assembler.take(text: start, cell.count, target, converts: true, &document)
        }
        try assembler.end(&document)
    }
}
