import Storage
import TestSupport

@testable import Indexer
@testable import Segments

/// A record as plain values: member name and value in the order of the input, or the reason why it was refused.
enum Record: Equatable {
    case document([String])
    case problem(line: Int, String)
    case unusable(String)
    case source(StorageError)

    var isDocument: Bool { if case .document = self { true } else { false } }
    var problem: String? { if case .problem(_, let text) = self { text } else { nil } }
}

/// The schema of input tests: a key, texts, keywords, numbers.
func inputSchema(unknown: UnknownMembers = .refuse) throws -> Schema {
    try Schema(
        key: "id", unknown: unknown,
        fields: [
            Field("id", .keyword), Field("t", .text), Field("tags", .keyword, multiple: true), Field("n", .integer),
            Field("x", .float),
        ])
}

/// Returns everything a reader returns for a file with these bytes; `member=value` for each value.
func records(
    _ bytes: [UInt8], _ format: InputFormat, _ schema: Schema, _ mapping: Mapping = Mapping(), name: String = "in.txt"
) throws -> (all: [Record], repairs: Int, lines: [Int]) {
    let folder = try TemporaryFolder()
    let path = try folder.write(name, bytes)
    let members = Members(schema)
    var all: [Record] = []
    var lines: [Int] = []
    var reader: DocumentReader
    do { reader = try DocumentReader(ByteSource(path), format, schema, mapping) } catch let error as InputError {
        return ([record(error)], 0, [])
    } catch let error as StorageError {
        return ([.source(error)], 0, [])
    }
    var document = DocumentBuffer()
    while true {
        do {
            guard try reader.next(into: &document) else { break }
            all.append(.document(values(document, members)))
            lines.append(reader.line)
        } catch {
            all.append(record(error))
            if case .record = error { continue }
            break
        }
    }
    return (all, reader.repairs, lines)
}

func records(_ text: String, _ format: InputFormat, _ mapping: Mapping = Mapping(), unknown: UnknownMembers = .refuse)
    throws -> [Record]
{
    try records(Array(text.utf8), format, inputSchema(unknown: unknown), mapping).all
}

private func record(_ error: InputError) -> Record {
    switch error {
    case .record(_, let line, let problem): .problem(line: line, problem)
    case .unusable(_, let problem): .unusable(problem)
    case .source(let error, _): .source(error)
    }
}

private func values(_ document: borrowing DocumentBuffer, _ members: Members) -> [String] {
    var all: [String] = []
    for i in 0..<document.values.count {
        let value = document.values[i]
        let member = members.all[Int(value.member)]
        switch member.kind {
        case .text: all.append("\(member.name)=" + String(decoding: document.text(value), as: UTF8.self))
        case .integer: all.append("\(member.name)=\(Int64(bitPattern: value.number))")
        case .float: all.append("\(member.name)=\(Double(bitPattern: value.number))")
        case .boolean: all.append("\(member.name)=\(value.number != 0)")
        }
    }
    return all
}
