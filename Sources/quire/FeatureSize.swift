import Analyzer
import Segments

/// The bytes that one feature of a member costs in all segments of a catalog.
struct FeatureSize: Encodable {
    /// The member of documents; nil for what belongs to no member.
    var member: String?
    /// The purpose of the bytes: `words`, `characters`, `pinyin`, `initials`, `whole`, `vocabulary`, `suggestions`,
    /// `keyword`, `column`; without a member `stored rows`, `keys` and `frame`.
    var purpose: String
    /// The fields that the bytes belong to.
    var fields: [String]
    /// The number of bytes.
    var bytes: Int
    /// The share of the bytes of all segments, from 0 to 1.
    var share: Double

    /// The features of a view: those of members in the order of the schema, then the others. Their bytes add up to
    /// those of the segments.
    static func all(_ reader: IndexReader) -> [FeatureSize] {
        let total = reader.manifest.segments.reduce(0) { $0 + $1.bytes }
        var features: [FeatureSize] = []
        func add(_ bytes: Int, _ member: String?, _ purpose: String, _ field: String?) {
            var index = features.firstIndex { $0.member == member && $0.purpose == purpose }
            if index == nil {
                index = features.count
                features.append(FeatureSize(member: member, purpose: purpose, fields: [], bytes: 0, share: 0))
            }
            guard let index else { return }
            features[index].bytes += bytes
            if let field, !features[index].fields.contains(field) { features[index].fields.append(field) }
        }
        let sizes = reader.segments.flatMap(\.sizes)
        for field in reader.schema.fields {
            for size in sizes where size.field == field.name {
                add(size.bytes, field.from, purpose(field, size.section, reader.schema), field.name)
            }
        }
        for size in sizes where size.field == nil { add(size.bytes, nil, purpose(section: size.section), nil) }
        add(total - features.reduce(0) { $0 + $1.bytes }, nil, "frame", nil)
        for index in features.indices { features[index].share = Double(features[index].bytes) / Double(max(total, 1)) }
        return features
    }

    /// The purpose of a section of a field.
    private static func purpose(_ field: Field, _ section: String, _ schema: Schema) -> String {
        if section == "numbers" || section == "ordinals" { return "column" }
        switch field.type {
        case .text: return (schema.analyzer(field.analyzer)?.options.tokens ?? .words).rawValue
        case .suggestion: return "suggestions"
        default: return field.type.rawValue
        }
    }

    /// The purpose of a section that belongs to no field.
    private static func purpose(section: String) -> String {
        switch section {
        case "rows", "rowIndex": "stored rows"
        case "keyFilter", "versions": "keys"
        default: "frame"
        }
    }

    /// The columns of a line for people: member, purpose, bytes and share.
    var columns: [String] {
        [member ?? "", purpose, Terminal.grouped(bytes), Terminal.percent(share)]
    }
}
