import Indexer
import Segments
import Storage

/// The inference of a schema: collects a sample of each source, then decides about each member.
///
/// ```swift
/// var inference = SchemaInference(mapping)
/// try inference.read(source, .ndjson)
/// let inferred = try inference.schema()
/// ```
struct SchemaInference {
    /// The names of members that may be the key, the preferred ones first.
    static let keys = ["id", "_id", "key", "sku", "isbn", "code"]
    /// The maximum number of members; objects whose names are data would give a field for each.
    static let maxMembers = 1000

    private let mapping: Mapping
    /// The names of the sources, for errors.
    private var files: [String] = []
    /// The statistics in the order in which the members occur.
    private(set) var members: [MemberStatistics] = []
    private var memberIndex: [String: Int] = [:]
    private var records = 0
    /// The error of the first record that could not be read; nil when there was none.
    private var firstProblem: InputError?
    /// True if there were more members than `maxMembers`.
    private var hasMoreMembers = false

    /// Creates an inference without a sample.
    init(_ mapping: Mapping) { self.mapping = mapping }

    /// Reads the sample of a source, which is then at its start again.
    ///
    /// Errors: `input` for a source that cannot be read, or whose header cannot.
    mutating func read(_ source: ByteSource, _ format: InputFormat) throws(CatalogError) {
        files.append(source.name)
        source.mark()
        do throws(InputError) {
            var reader = SampleReader(source, format, mapping)
            while let record = try reader.next() { add(record, source.name) }
            firstProblem = firstProblem ?? reader.firstProblem
        } catch {
            throw .input(error)
        }
        do { try source.rewind() } catch { throw .storage(error) }
    }

    /// Adds a record to the sample.
    private mutating func add(_ record: SampleRecord, _ file: String) {
        records += 1
        for value in record.values {
            if let index = memberIndex[value.path] {
                members[index].add(value, record: records, place: "\(file), line \(record.line)")
            } else if members.count == Self.maxMembers {
                hasMoreMembers = true
            } else if Self.isReadable(value.path) {
                memberIndex[value.path] = members.count
                members.append(MemberStatistics(path: value.path))
                members[members.count - 1].add(value, record: records, place: "\(file), line \(record.line)")
            }
        }
    }

    /// True if a field can read a member with this path.
    private static func isReadable(_ path: String) -> Bool {
        !ChangeMember.all.contains(path)
            && path.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }

    /// The schema of the sample.
    ///
    /// Errors: `input(.unusable)` for a sample without records, a member with values of different kinds, and a sample
    /// in which no member can be the key.
    func schema() throws(CatalogError) -> InferredSchema {
        guard records > 0 else {
            if let firstProblem { throw .input(firstProblem) }
            throw unusable("no records to infer a schema from; check the format, or give --schema FILE")
        }
        try checkObjects()
        let key = try key()
        var left: [String] = []
        var inferred: [InferredMember] = []
        for member in members where member.values > 0 {
            if let use = try use(of: member, key: key) {
                let role = MemberRole(member.path)
                inferred.append(
                    InferredMember(
                        path: member.path, use: use, role: role, isMultiple: member.isMultiple, scripts: member.scripts)
                )
            } else {
                left.append(member.path)
            }
        }
        return try assemble(inferred, left, key)
    }

    /// The schema of members whose use is known; `left` are those that no field reads.
    private func assemble(
        _ inferred: [InferredMember], _ left: [String], _ key: MemberStatistics
    ) throws(CatalogError) -> InferredSchema {
        let shared = Self.analyzer(inferred)
        let weight = Self.weight(inferred)
        var fields: [Field] = []
        var groups: [(use: String, members: [String])] = []
        for member in inferred {
            // Translations into Japanese stand beside other languages.
            let analyzer = member.scripts.isJapanese ? "japanese" : shared
            let (memberFields, features) = member.fields(analyzer: analyzer, weight: weight)
            fields += memberFields
            let use = member.description(analyzer: analyzer, features: features)
            if let group = groups.firstIndex(where: { $0.use == use }) {
                groups[group].members.append(member.path)
            } else {
                groups.append((use, [member.path]))
            }
        }
        var decisions = groups.map { "\($0.members.joined(separator: ", ")) → \($0.use)" }
        if !left.isEmpty {
            decisions.append("\(left.joined(separator: ", ")) → left out: arrays of numbers or of arrays")
        }
        if hasMoreMembers { decisions.append("members after the first \(Self.maxMembers) → left out") }
        if !fields.contains(where: { $0.type == .text }) { decisions.append("no member has text to search") }
        var mapping = mapping
        if !key.isText {
            let column = mapping.rename.first { $0.value == key.path }?.key ?? key.path
            mapping.set[key.path] = "{\(column)}"
            decisions.append(
                "the keys are numbers: later files need the mapping {\"set\": {\"\(key.path)\": \"{\(column)}\"}}")
        }
        var names: Set<String> = []
        for index in fields.indices {
            var name = fields[index].name
            while !names.insert(name).inserted { name += "_" }
            fields[index].name = name
        }
        do {
            let keyName = InferredMember.fieldName(key.path)
            let schema = try Schema(key: keyName, unknown: .ignore, fields: fields)
            return InferredSchema(schema: schema, mapping: mapping, decisions: decisions, records: records)
        } catch {
            throw .index(error)
        }
    }

    /// The name of the analyzer of the members' words. Members of one language, such as translations, do not count
    /// unless there are no others.
    private static func analyzer(_ inferred: [InferredMember]) -> String {
        let texts = inferred.filter { [.text, .keywordAndText].contains($0.use) }
        let original = texts.filter { !MemberRole.namesLanguage($0.path) }
        var scripts = ScriptStatistics()
        for member in original.isEmpty ? texts : original { scripts.add(member.scripts) }
        return scripts.analyzer
    }

    /// The name of the number field that orders suggestions; nil for none.
    private static func weight(_ inferred: [InferredMember]) -> String? {
        let numbers = inferred.filter { [.number(.integer), .number(.float)].contains($0.use) }.map(\.name)
        return MemberRole.popularity.lazy.compactMap { popular in
            numbers.first { MemberRole.normalized($0) == popular }
        }.first
    }

    /// Returns the error of a sample that gives no schema.
    func unusable(_ problem: String) -> CatalogError {
        .input(.unusable(file: files.joined(separator: ", "), problem: problem))
    }

    /// Refuses members that are objects in some records and not in others.
    private func checkObjects() throws(CatalogError) {
        for member in members where member.isObject && member.isScalar {
            throw unusable(
                "\"\(member.path)\" is an object in some records and \"\(member.first.prefix(40))\" in others; "
                    + "correct the records, or ignore it in a mapping: {\"ignore\": [\"\(member.path)\"]}")
        }
    }

    /// The member that identifies a document.
    private func key() throws(CatalogError) -> MemberStatistics {
        var problems: [String] = []
        for name in Self.keys {
            for member in members where member.path.lowercased() == name && member.values > 0 {
                if member.records < records {
                    problems.append(
                        "\"\(member.path)\" is missing in \(records - member.records) of \(records) records")
                } else if let duplicate = member.duplicate {
                    problems.append("\"\(member.path)\" is \"\(duplicate.prefix(40))\" twice")
                } else if member.isMultiple || !(member.isText || member.isAll(.integer)) {
                    problems.append("\"\(member.path)\" is neither a text nor a whole number")
                } else {
                    return member
                }
            }
        }
        let found =
            problems.isEmpty
            ? "there is none of \(Self.keys.joined(separator: ", "))" : problems.joined(separator: ", ")
        throw unusable(
            "no member identifies a record: \(found); make an id of other members by --mapping, "
                + "{\"set\": {\"id\": \"{file}:{name}\"}}, or name the key in a --schema")
    }
}
