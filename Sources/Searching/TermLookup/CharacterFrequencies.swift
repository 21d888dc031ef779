package import Segments

/// The numbers of documents of all segments that have characters, and pairs of neighboring characters, as terms of some
/// fields. Deleted documents count until their segment is merged.
///
/// For many questions of one request: pairs that occur are remembered, and those that occur nowhere are known without
/// looking them up. Characters of alphabets have the frequency 0.
///
/// ```swift
/// var frequencies = try CharacterFrequencies(reader, pairs: ["title"], characters: ["title_characters"])
/// try frequencies.of("编", "程")
/// ```
package struct CharacterFrequencies {
    /// A field in one segment.
    private struct Source {
        let segment: SegmentReader
        let field: Int
        let terms: CharacterTerms
    }

    private let pairs: [Source]
    private let characters: [Source]
    /// The frequencies of the pairs that were looked up, by their code points.
    private var known: [UInt64: Int] = [:]

    /// The frequencies of pairs in some fields, and of single characters in others.
    ///
    /// Errors: `request` for a field that does not exist or has no terms, `corrupt`. Complexity: O(terms) for the first
    /// request of a segment.
    package init(
        _ reader: IndexReader, pairs pairFields: [String], characters characterFields: [String]
    ) throws(IndexError) {
        func sources(_ names: [String]) throws(IndexError) -> [Source] {
            var sources: [Source] = []
            for name in names {
                let field = try reader.indexedField(name).index
                for segment in reader.segments {
                    guard let terms = try segment.characterTerms(field) else { continue }
                    sources.append(Source(segment: segment, field: field, terms: terms))
                }
            }
            return sources
        }
        pairs = try sources(pairFields)
        characters = try sources(characterFields)
    }

    /// Returns the number of documents that have a character, counted once for each field.
    package func of(_ character: Unicode.Scalar) -> Int {
        characters.reduce(0) { $0 + $1.terms.frequency(character) }
    }

    /// Returns the number of documents that have two neighboring characters, counted once for each field. Errors:
    /// `corrupt`.
    package mutating func of(_ a: Unicode.Scalar, _ b: Unicode.Scalar) throws(IndexError) -> Int {
        let hash = CharacterTerms.hash(a, b)
        var first = 0
        while first < pairs.count, !pairs[first].terms.mayHavePair(hash) { first += 1 }
        if first == pairs.count { return 0 }
        let key = UInt64(a.value) << 32 | UInt64(b.value)
        if let frequency = known[key] { return frequency }
        var pair = String(a)
        pair.unicodeScalars.append(b)
        var frequency = 0
        for source in pairs[first...] where source.terms.mayHavePair(hash) {
            frequency += try source.segment.find(source.field, pair)?.documentFrequency ?? 0
        }
        known[key] = frequency
        return frequency
    }
}
