import FoundationEssentials

/// How the columns (or JSON members) of input become the members of documents.
///
/// ```json
/// {
///   "set":    { "id": "{file}:{name}" },
///   "rename": { "summary": "description" },
///   "split":  { "author": ";" },
///   "ignore": ["version"]
/// }
/// ```
/// `set` fills a member from a template: `{column}` is that column's text, `{file}` the input file's name without
/// folder and endings. `rename` reads a column into a member of another name. `split` cuts a column's text into
/// several values. `ignore` skips columns. What is not mentioned keeps its name.
public struct Mapping: Codable, Sendable, Equatable {
    /// Members made by templates.
    public var set: [String: String]
    /// Members by the column that fills them.
    public var rename: [String: String]
    /// Separators by column.
    public var split: [String: String]
    /// Columns that are skipped.
    public var ignore: [String]

    /// A mapping; the empty one changes nothing.
    public init(
        set: [String: String] = [:], rename: [String: String] = [:], split: [String: String] = [:],
        ignore: [String] = []
    ) {
        self.set = set
        self.rename = rename
        self.split = split
        self.ignore = ignore
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case set, rename, split, ignore
    }

    /// Reads it from JSON; members it does not know are an error.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        set = try values.decodeIfPresent([String: String].self, forKey: .set) ?? [:]
        rename = try values.decodeIfPresent([String: String].self, forKey: .rename) ?? [:]
        split = try values.decodeIfPresent([String: String].self, forKey: .split) ?? [:]
        ignore = try values.decodeIfPresent([String].self, forKey: .ignore) ?? []
    }

    /// Reads a mapping from JSON.
    public init(json: [UInt8], path: String) throws(InputError) {
        do {
            self = try JSONDecoder().decode(Mapping.self, from: Data(json))
        } catch let error as DecodingError {
            throw .unusable(file: path, problem: "the mapping is not usable: \(describe(error))")
        } catch {
            throw .unusable(file: path, problem: "the mapping is not usable: \(error)")
        }
    }
}

/// A piece of a template.
enum TemplatePart: Equatable {
    case literal([UInt8])
    case variable(Int)
}

/// A mapping made ready for one file: what each name in the input is for.
struct InputPlan {
    /// What to do with a value.
    struct Target {
        let name: [UInt8]
        /// The member it becomes; nil when it is none.
        var member: Int?
        /// Its place among the variables of templates.
        var variable: Int?
        var split: UInt8?
    }

    /// A member made of other values.
    struct Template {
        let member: Int
        let parts: [TemplatePart]
    }

    private(set) var targets: [Target] = []
    /// Names of objects that hold what is looked for, such as `translations.zh` for `translations.zh.title`.
    private(set) var branches: Set<[UInt8]> = []
    private(set) var templates: [Template] = []
    private(set) var variableNames: [String] = []
    /// Values every document of this file has: the file's name.
    private(set) var fileVariable: (number: Int, text: [UInt8])?
    let members: Members
    let unknown: UnknownMembers

    /// `others` are members that are no documents' and are kept as variables, after those of templates.
    init(
        _ mapping: Mapping, _ members: Members, unknown: UnknownMembers, file: String, others: [String] = []
    ) throws(InputError) {
        self.members = members
        self.unknown = unknown
        for (number, member) in members.all.enumerated() {
            targets.append(Target(name: Array(member.name.utf8), member: number))
        }
        func member(_ name: String) throws(InputError) -> Int {
            guard let number = members.all.firstIndex(where: { $0.name == name }) else {
                throw .unusable(
                    file: file, problem: "the mapping fills \"\(name)\", which no field of the schema reads")
            }
            return number
        }
        for (from, to) in mapping.rename.sorted(by: { $0.key < $1.key }) {
            let number = try member(to)
            targets[target(from)].member = number
            // The member's own name no longer feeds it.
            if let own = targets.firstIndex(where: { $0.member == number && $0.name == Array(to.utf8) }), to != from {
                targets[own].member = nil
            }
        }
        for name in mapping.ignore { targets[target(name)].member = nil }
        for (name, separator) in mapping.split {
            guard separator.utf8.count == 1 else {
                throw .unusable(
                    file: file,
                    problem: "the mapping splits \"\(name)\" at \"\(separator)\"; give one ASCII character")
            }
            let number = target(name)
            if let member = targets[number].member, !members.all[member].multiple {
                throw .unusable(
                    file: file, problem: "the mapping splits \"\(name)\", but the field is not \"multiple\"")
            }
            targets[number].split = separator.utf8.first
        }
        for (to, template) in mapping.set.sorted(by: { $0.key < $1.key }) {
            let number = try member(to)
            if let own = targets.firstIndex(where: { $0.member == number }) { targets[own].member = nil }
            templates.append(Template(member: number, parts: try parts(template, file)))
        }
        for name in others { _ = variable(name, file) }
        for target in targets {
            for (place, byte) in target.name.enumerated() where byte == UInt8(ascii: ".") {
                branches.insert(Array(target.name[..<place]))
            }
        }
    }

    /// The target of a name, made when it is new.
    private mutating func target(_ name: String) -> Int {
        let bytes = Array(name.utf8)
        if let known = targets.firstIndex(where: { $0.name == bytes }) { return known }
        targets.append(Target(name: bytes))
        return targets.count - 1
    }

    private mutating func parts(_ template: String, _ file: String) throws(InputError) -> [TemplatePart] {
        var parts: [TemplatePart] = []
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.literal(Array(rest[..<open].utf8))) }
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw .unusable(file: file, problem: "the template \"\(template)\" has a { without its }")
            }
            parts.append(.variable(variable(String(rest[rest.index(after: open)..<close]), file)))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(Array(rest.utf8))) }
        return parts
    }

    private mutating func variable(_ name: String, _ file: String) -> Int {
        if let known = variableNames.firstIndex(of: name) { return known }
        variableNames.append(name)
        let number = variableNames.count - 1
        if name == "file" {
            fileVariable = (number, Array(baseName(file).utf8))
        } else {
            targets[target(name)].variable = number
        }
        return number
    }

    /// A file's name without folder and endings.
    private func baseName(_ path: String) -> String {
        let last = path.split(separator: "/").last ?? ""
        return String(last.split(separator: ".").first ?? last)
    }

    /// The number of a name's target, tried at `guess` first: members of JSON lines tend to come in one order.
    @inline(__always)
    func find(_ name: UnsafeBufferPointer<UInt8>, guess: Int) -> Int? {
        if guess < targets.count, name.elementsEqual(targets[guess].name) { return guess }
        return targets.firstIndex { name.elementsEqual($0.name) }
    }
}
