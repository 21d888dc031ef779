import FoundationEssentials
import Segments

/// The mapping from the columns (or JSON members) of the input to the members of documents.
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
/// folder and suffixes. `rename` reads a column into a member of another name. `split` splits a column's text into
/// several values. `ignore` skips columns. Columns that are not mentioned keep their names.
public struct Mapping: Codable, Sendable, Equatable {
    /// The templates, by the member that they fill.
    public var set: [String: String]
    /// The members, by the column that fills them.
    public var rename: [String: String]
    /// The separators, by column: one ASCII character each.
    public var split: [String: String]
    /// The columns that are skipped.
    public var ignore: [String]

    /// Creates a mapping; the empty one changes nothing. `DocumentReader` checks that it fits the schema.
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

    /// Decodes a mapping.
    ///
    /// Errors: `DecodingError`, also for members that are not properties of mappings.
    public init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        set = try values.decodeIfPresent([String: String].self, forKey: .set) ?? [:]
        rename = try values.decodeIfPresent([String: String].self, forKey: .rename) ?? [:]
        split = try values.decodeIfPresent([String: String].self, forKey: .split) ?? [:]
        ignore = try values.decodeIfPresent([String].self, forKey: .ignore) ?? []
    }

    /// Parses a mapping from JSON; `path` is for messages. Errors: `unusable`.
    public init(json: [UInt8], path: String) throws(InputError) {
        do {
            self = try JSONDecoder().decode(Mapping.self, from: Data(json))
        } catch {
            throw .unusable(file: path, problem: "the mapping is not usable: \(describe(error))")
        }
    }
}

/// A part of a template: text, or the index of a variable.
enum TemplatePart: Equatable {
    case literal([UInt8])
    case variable(Int)
}

/// A mapping compiled for one file: the purpose of each name in the input.
struct InputPlan {
    /// The purpose of a name in the input.
    struct Target {
        let name: [UInt8]
        /// The index of the member that the value becomes; nil when it becomes none.
        var member: Int?
        /// The index of the template variable that the value becomes; nil when it becomes none.
        var variable: Int?
        /// The separator that the value is split at.
        var split: UInt8?
    }

    /// A member that is made of other values.
    struct Template {
        let member: Int
        let parts: [TemplatePart]
    }

    /// The targets by name, the members of the schema first.
    private(set) var targets: [Target] = []
    /// The names of objects that contain members, such as `translations.zh` for `translations.zh.title`.
    private(set) var branches: Set<[UInt8]> = []
    /// The templates, filled at the end of each record.
    private(set) var templates: [Template] = []
    /// The names of the variables of templates.
    private(set) var variableNames: [String] = []
    /// The variable that every document of this file has: the file's name.
    private(set) var fileVariable: (number: Int, text: [UInt8])?
    let members: Members
    let unknown: UnknownMembers

    /// Compiles a mapping. `others` are names that are not members of documents and are kept as variables, after those
    /// of templates.
    ///
    /// Errors: `unusable` when the mapping does not fit the schema.
    init(
        _ mapping: Mapping, _ members: Members, unknown: UnknownMembers, file: String, others: [String] = []
    ) throws(InputError) {
        self.members = members
        self.unknown = unknown
        for (memberIndex, member) in members.all.enumerated() {
            targets.append(Target(name: Array(member.name.utf8), member: memberIndex))
        }
        func member(_ name: String) throws(InputError) -> Int {
            guard let memberIndex = members.number(of: name) else {
                throw .unusable(
                    file: file, problem: "the mapping fills \"\(name)\", which no field of the schema reads")
            }
            return memberIndex
        }
        for (from, to) in mapping.rename.sorted(by: { $0.key < $1.key }) {
            let memberIndex = try member(to)
            targets[target(from)].member = memberIndex
            // The member's own name no longer feeds it.
            let ownTarget = targets.firstIndex { $0.member == memberIndex && $0.name == Array(to.utf8) }
            if let ownTarget, to != from {
                targets[ownTarget].member = nil
            }
        }
        for name in mapping.ignore { targets[target(name)].member = nil }
        for (name, separator) in mapping.split {
            guard separator.utf8.count == 1 else {
                throw .unusable(
                    file: file, problem: "the mapping splits \"\(name)\" at \"\(separator)\"; give one ASCII character")
            }
            let index = target(name)
            if let member = targets[index].member, !members.all[member].multiple {
                throw .unusable(
                    file: file, problem: "the mapping splits \"\(name)\", but the field is not \"multiple\"")
            }
            targets[index].split = separator.utf8.first
        }
        for (to, template) in mapping.set.sorted(by: { $0.key < $1.key }) {
            let memberIndex = try member(to)
            if let ownTarget = targets.firstIndex(where: { $0.member == memberIndex }) {
                targets[ownTarget].member = nil
            }
            templates.append(Template(member: memberIndex, parts: try parts(template, file)))
        }
        for name in others { _ = variable(name, file) }
        for target in targets {
            for (dot, byte) in target.name.enumerated() where byte == UInt8(ascii: ".") {
                branches.insert(Array(target.name[..<dot]))
            }
        }
    }

    /// Returns the index of the target of a name, which is created when it is new.
    private mutating func target(_ name: String) -> Int {
        let bytes = Array(name.utf8)
        if let existing = targets.firstIndex(where: { $0.name == bytes }) { return existing }
        targets.append(Target(name: bytes))
        return targets.count - 1
    }

    /// Parses a template. Errors: `unusable` for a brace that is not closed.
    private mutating func parts(_ template: String, _ file: String) throws(InputError) -> [TemplatePart] {
        var parts: [TemplatePart] = []
        var remaining = template[...]
        while let open = remaining.firstIndex(of: "{") {
            if open > remaining.startIndex { parts.append(.literal(Array(remaining[..<open].utf8))) }
            guard let close = remaining[open...].firstIndex(of: "}") else {
                throw .unusable(file: file, problem: "the template \"\(template)\" has a { without its }")
            }
            parts.append(.variable(variable(String(remaining[remaining.index(after: open)..<close]), file)))
            remaining = remaining[remaining.index(after: close)...]
        }
        if !remaining.isEmpty { parts.append(.literal(Array(remaining.utf8))) }
        return parts
    }

    /// Returns the index of a variable, which is created when it is new.
    private mutating func variable(_ name: String, _ file: String) -> Int {
        if let existing = variableNames.firstIndex(of: name) { return existing }
        variableNames.append(name)
        let variableIndex = variableNames.count - 1
        if name == "file" {
            fileVariable = (variableIndex, Array(Self.baseName(file).utf8))
        } else {
            targets[target(name)].variable = variableIndex
        }
        return variableIndex
    }

    /// Returns a file's name without folder and suffixes.
    static func baseName(_ path: String) -> String {
        let last = path.split(separator: "/").last ?? ""
        return String(last.split(separator: ".").first ?? last)
    }

    /// Returns the index of a name's target, tried at `guess` first: members of JSON lines tend to have one order.
    @inline(__always)
    func find(_ name: UnsafeBufferPointer<UInt8>, guess: Int) -> Int? {
        if guess < targets.count, name.elementsEqual(targets[guess].name) { return guess }
        return targets.firstIndex { name.elementsEqual($0.name) }
    }
}
