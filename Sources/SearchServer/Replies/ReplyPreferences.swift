import HTTPTypes

/// The form in which a client wants its reply: the headers `Accept-Encoding` and `If-None-Match`.
struct ReplyPreferences: Sendable {
    /// True if the body may be compressed with gzip.
    let acceptsGzip: Bool
    /// The value of `If-None-Match`; nil without one.
    private let knownTags: String?

    /// Reads the headers of a request.
    init(_ headers: HTTPFields) {
        acceptsGzip = headers[.acceptEncoding].map(Self.prefersGzip) ?? false
        knownTags = headers[.ifNoneMatch]
    }

    /// True if the client has the reply with an entity tag already. A client that has any reply (`*`) has it if
    /// `orAny`.
    func has(_ tag: String, orAny: Bool = false) -> Bool {
        guard let knownTags else { return false }
        return knownTags.utf8.split(separator: UInt8(ascii: ",")).contains { part in
            var known = Substring(part).trimmed
            if known.hasPrefix("W/") { known = known.dropFirst(2) }
            return known == tag.dropFirst(tag.hasPrefix("W/") ? 2 : 0) || orAny && known == "*"
        }
    }

    /// True if the value of a header `Accept-Encoding` admits gzip, and does not prefer to have no encoding.
    static func prefersGzip(_ value: String) -> Bool {
        var gzip: Double?
        var any: Double?
        var identity: Double?
        for part in value.utf8.split(separator: UInt8(ascii: ",")) {
            let pieces = part.split(separator: UInt8(ascii: ";"))
            guard let name = pieces.first.map({ Substring($0).trimmed.lowercased() }) else { continue }
            let quality = pieces.dropFirst().map { Substring($0).trimmed.lowercased() }.first { $0.hasPrefix("q=") }
            // A weight that is none counts as a refusal of that encoding.
            let weight = quality.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            switch name {
            case "gzip", "x-gzip": gzip = max(gzip ?? 0, weight)
            case "identity": identity = weight
            case "*": any = weight
            default: break
            }
        }
        guard let weight = gzip ?? any, weight > 0 else { return false }
        return weight >= identity ?? 0
    }
}

extension Substring {
    /// The text without blanks and tabs at its ends.
    fileprivate var trimmed: Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return drop(while: isBlank).dropLast(while: isBlank)
    }

    private func dropLast(while isDropped: (Character) -> Bool) -> Substring {
        guard let last = lastIndex(where: { !isDropped($0) }) else { return self[endIndex...] }
        return self[...last]
    }
}
