public import Segments
public import Storage

/// A streaming reader of documents from a file or another source, for bulk indexing.
///
/// Memory: one record, at least 1 MB. No memory is allocated per value. For one thread at a time.
/// ```swift
/// var reader = try DocumentReader(ByteSource("books.jsonl.gz"), .ndjson, schema)
/// var document = DocumentBuffer()
/// while true {
///     do {
///         guard try reader.next(into: &document) else { break }
///     } catch InputError.record(let file, let line, let problem) {
///         print("skipped \(file), line \(line): \(problem)")
///         continue
///     }
///     try writer.add(document)
/// }
/// ```
public struct DocumentReader: ~Copyable {
    private let format: InputFormat
    private let name: String
    private var lines: LineReader
    private var assembler: RecordAssembler
    /// The index of the plan's target for each column of the header.
    private var columns: [Int?] = []
    /// The current record of a CSV or TSV file.
    private var separated: SeparatedValues
    private var hasHeader = false
    /// The number of the line the last record started at.
    private var recordLine = 0
    /// The number of halves of surrogate pairs that were replaced.
    private var escapeRepairs = 0

    /// Creates a reader of documents for a schema; the documents have the members of `Members(schema)`.
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
        separated = SeparatedValues(format)
    }

    /// The number of the line the last record started at, from 1.
    public var line: Int { recordLine }

    /// The number of ill-formed characters that were replaced by U+FFFD so far: invalid UTF-8, and in JSON escapes of
    /// half a surrogate pair.
    public var repairs: Int { lines.repairs + escapeRepairs }

    /// Reads the next document into `document`, replacing its content; returns false at the end. Blank lines are
    /// skipped.
    ///
    /// Errors: `record` for a document that cannot be used (call again for the next one); after any other error the
    /// input ends here. After an error the content of `document` is undefined.
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

    /// Reads the next line that is not blank as a JSON object.
    private mutating func nextJSON(into document: inout DocumentBuffer) throws(InputError) -> Bool {
        while let line = try lines.next() {
            if line.allSatisfy({ $0 == 0x20 || $0 == 9 }) { continue }
            recordLine = lines.line
            do {
                assembler.begin(&document)
                var scanner = JSONScanner(line)
                try scanner.read(&assembler, into: &document)
                try assembler.end(&document)
                escapeRepairs += scanner.repairs
            } catch {
                throw .record(file: name, line: recordLine, problem: error.text)
            }
            return true
        }
        return false
    }

    /// Reads the next record of a CSV or TSV file, which may span lines, and splits it.
    private mutating func readSeparated() throws(InputError) -> Bool {
        defer { recordLine = separated.line }
        return try separated.readRecord(&lines)
    }

    /// Reads the header and looks up the target of each column; false for a file without one.
    private mutating func readHeader() throws(InputError) -> Bool {
        repeat {
            do {
                guard try readSeparated() else { return false }
            } catch {
                // Without its header a file cannot be interpreted: no later line may replace it.
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

    /// Converts the cells of a record to the values of a document.
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
            try assembler.add(text: start, cell.count, target, converts: true, &document)
        }
        try assembler.end(&document)
    }
}
