/// A mapping applied to the records of a sample, which have no schema yet.
struct SampleMapping: Sendable {
    private let mapping: Mapping
    /// The text of `{file}`.
    private let file: String

    /// Creates the mapping of one file.
    init(_ mapping: Mapping, file: String) {
        self.mapping = mapping
        self.file = InputPlan.baseName(file)
    }

    /// Renames, splits, removes and adds values as the mapping says.
    func apply(to record: inout SampleRecord) {
        if mapping == Mapping() { return }
        let made = mapping.set.compactMap { name, template in
            text(template, record).map {
                SampleRecord.Value(path: name, kind: SampleRecord.Kind(cell: $0), text: $0, isText: true)
            }
        }
        let filled = Set(mapping.rename.values).union(mapping.set.keys)
        record.values = record.values.flatMap { value in
            var value = value
            if isIgnored(value.path) { return [SampleRecord.Value]() }
            let column = value.path
            if let name = mapping.rename[column] {
                value.path = name
            } else if filled.contains(column) {
                // The mapping fills the member from elsewhere.
                return []
            }
            guard let separator = mapping.split[column], value.isText, value.kind != .empty else { return [value] }
            return Self.parts(of: value, separator)
        }
        record.values += made.sorted { $0.path < $1.path }
    }

    /// True for a member that the mapping ignores, and for those of an object that it ignores.
    private func isIgnored(_ path: String) -> Bool {
        mapping.ignore.contains { path == $0 || path.hasPrefix($0 + ".") }
    }

    /// The parts of a text between separators, without surrounding spaces; empty parts are no values.
    private static func parts(of value: SampleRecord.Value, _ separator: String) -> [SampleRecord.Value] {
        value.text.utf8.split { $0 == separator.utf8.first }.compactMap { part in
            var part = part
            while part.first == 0x20 { part.removeFirst() }
            while part.last == 0x20 { part.removeLast() }
            guard !part.isEmpty else { return nil }
            var copy = value
            copy.text = String(decoding: part, as: UTF8.self)
            copy.kind = .text
            copy.isRepeated = true
            return copy
        }
    }

    /// Returns the text of a template; nil if the record lacks one of its columns.
    private func text(_ template: String, _ record: SampleRecord) -> String? {
        var result = ""
        var remaining = template[...]
        while let open = remaining.firstIndex(of: "{"), let close = remaining[open...].firstIndex(of: "}") {
            result += remaining[..<open]
            let name = remaining[remaining.index(after: open)..<close]
            remaining = remaining[remaining.index(after: close)...]
            if name == "file" {
                result += file
            } else if let value = record.values.first(where: {
                $0.path == name && $0.kind != .array && $0.kind != .object
            }) {
                result += value.text
            } else {
                return nil
            }
        }
        return result + remaining
    }
}
