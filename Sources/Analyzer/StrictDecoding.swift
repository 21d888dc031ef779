/// A coding key that accepts any member name.
private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// Refuses an object with members besides `known`, so that a misspelled option does not silently have no effect.
    ///
    /// Errors: `DecodingError.dataCorrupted`, which lists the known members.
    package func refuseUnknownKeys(besides known: [String]) throws {
        for key in try container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath + [key],
                    debugDescription:
                        "unknown member \"\(key.stringValue)\"; known members: \(known.joined(separator: ", "))"))
        }
    }
}

extension KeyedDecodingContainer {
    /// Decodes one of the cases of an enumeration by its raw value.
    ///
    /// Errors: `DecodingError.dataCorrupted` for any other word, which lists the cases.
    package func decodeChoice<T: RawRepresentable & CaseIterable>(forKey key: Key) throws -> T
    where T.RawValue == String {
        let word = try decode(String.self, forKey: key)
        guard let choice = T(rawValue: word) else {
            let choices = T.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: key, in: self, debugDescription: "\"\(word)\" is none of: \(choices)")
        }
        return choice
    }

    /// Decodes one of the cases of an enumeration; nil when the member is missing or null.
    ///
    /// Errors: `DecodingError.dataCorrupted` for any other word, which lists the cases.
    package func decodeChoiceIfPresent<T: RawRepresentable & CaseIterable>(forKey key: Key) throws -> T?
    where T.RawValue == String {
        try contains(key) && !decodeNil(forKey: key) ? decodeChoice(forKey: key) : nil
    }
}
