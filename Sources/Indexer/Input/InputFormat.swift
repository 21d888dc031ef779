/// The format of documents in a file.
public enum InputFormat: String, Sendable {
    /// One JSON object per line (NDJSON, JSON Lines).
    case ndjson
    /// RFC 4180: commas, quotes, a header line.
    case csv
    /// Tabs, no quoting, a header line.
    case tsv

    /// Returns the format that a file's name suggests, with or without the suffix `.gz`; nil when it suggests none.
    public static func guess(_ path: String) -> InputFormat? {
        let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
        let suffix = name.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased()
        switch suffix {
        case "jsonl", "ndjson", "json": return .ndjson
        case "csv": return .csv
        case "tsv", "tab": return .tsv
        default: return nil
        }
    }
}
