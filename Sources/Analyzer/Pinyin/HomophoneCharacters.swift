/// Chinese characters that sound alike, without tones.
public enum HomophoneCharacters {
    /// The characters of each syllable, by their common readings.
    private static let bySyllable: [String: [UInt32]] = {
        var bySyllable: [String: [UInt32]] = [:]
        let table = PinyinReadings.shared
        for scalar in UInt32(0x4E00)..<0xA000 {
            guard let readings = table.readings(of: scalar) else { continue }
            for reading in readings.first..<readings.first + readings.common {
                bySyllable[String(decoding: table.syllable(reading), as: UTF8.self), default: []].append(scalar)
            }
        }
        return bySyllable
    }()

    /// Returns the simplified character that represents a character.
    public static func simplified(_ character: Unicode.Scalar) -> Unicode.Scalar {
        CharacterFolds.simplified.map.flatMap { Unicode.Scalar($0.target(of: character.value)) } ?? character
    }

    /// True for a Chinese character that has readings; false for the letters and digits of words like T恤.
    public static func isChinese(_ character: Unicode.Scalar) -> Bool {
        character.properties.isIdeographic && PinyinReadings.shared.readings(of: simplified(character).value) != nil
    }

    /// Returns the simplified characters of the basic block that share a common reading with a character, without the
    /// character itself; empty for one without readings.
    ///
    /// ```swift
    /// HomophoneCharacters.of("程")   // 成, 城, 呈, 承 …
    /// ```
    public static func of(_ character: Unicode.Scalar) -> [Unicode.Scalar] {
        let table = PinyinReadings.shared
        guard let readings = table.readings(of: character.value) else { return [] }
        var found: Set<UInt32> = []
        for reading in readings.first..<readings.first + readings.common {
            found.formUnion(bySyllable[String(decoding: table.syllable(reading), as: UTF8.self)] ?? [])
        }
        let map = CharacterFolds.simplified.map
        return found.sorted().filter { $0 != character.value && map?.target(of: $0) == $0 }.compactMap(
            Unicode.Scalar.init)
    }
}
