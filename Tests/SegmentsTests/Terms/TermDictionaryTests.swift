import TestSupport
import Testing

@testable import Indexer

@Suite struct TermDictionaryTests {
    private static let edges: [[UInt8]] = [[], [0], [255], [255, 255, 255], [0, 0, 0, 0, 0, 0, 0, 0, 0]]

    private static func terms(_ count: Int, _ random: inout SplitMix64) -> [[UInt8]] {
        var terms: Set<[UInt8]> = []
        while terms.count < count {
            let stem = random.chance(50) ? Array("morethaneight/".utf8) : []
            let maxLength = random.chance(2) ? 250 : 6
            terms.insert(stem + (0...random.below(maxLength)).map { _ in random.pick([0, 1, 97, 98, 254, 255]) })
        }
        return terms.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test(arguments: [0, 1, 2, 31, 32, 33, 63, 64, 65, 97, 1000], [false, true])
    func termsAreFoundAndWalked(_ count: Int, _ hasPositions: Bool) throws {
        var random = SplitMix64(seed: UInt64(count))
        let terms = Self.terms(count, &random)
        let absent = terms.shuffled(using: &random).prefix(200).flatMap(TermSamples.near)
        try TermSamples.check(terms, absent: absent + Self.edges, hasPositions: hasPositions, &random)
    }

    /// Families of similar terms.
    enum Family: CaseIterable, Sendable {
        /// Common prefixes of 15 and 16 bytes, of 255 to 257, of hundreds.
        case longPrefixes
        /// Each term is a prefix of the next one.
        case prefixesOfEachOther
        /// Hardly any common prefix, then more than fifteen bytes.
        case longSuffixes
        /// Equal first eight bytes in many blocks, some with zeros.
        case equalPrefixes
        /// An alphabet of two letters, so that neighbors share all but the last bytes.
        case binary

        func terms(_ random: inout SplitMix64) -> Set<[UInt8]> {
            var terms: Set<[UInt8]> = []
            func letters(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
                (0..<count).map { _ in UInt8(97 + random.below(3)) }
            }
            switch self {
            case .longPrefixes:
                for length in [14, 15, 16, 30, 254, 255, 256, 257, 400] {
                    let stem = letters(length, &random)
                    for _ in 0..<40 { terms.insert(stem + letters(1 + random.below(5), &random)) }
                    terms.insert(stem)
                }
            case .prefixesOfEachOther:
                let whole = letters(330, &random)
                for length in 1...330 { terms.insert(Array(whole.prefix(length))) }
                for length in [3, 15, 31, 200] { terms.insert(Array(whole.prefix(length)) + [0]) }
            case .longSuffixes:
                for _ in 0..<300 { terms.insert(letters(1, &random) + random.bytes(14 + random.below(270))) }
            case .equalPrefixes:
                for _ in 0..<500 { terms.insert(Array("samekeys".utf8) + letters(random.below(6), &random)) }
                for length in 0..<8 { terms.insert([97] + [UInt8](repeating: 0, count: length)) }
                for length in 1..<20 { terms.insert(Array("samekey".utf8) + [UInt8](repeating: 0, count: length)) }
            case .binary:
                for _ in 0..<700 { terms.insert((0..<12).map { _ in UInt8(random.below(2)) }) }
            }
            return terms
        }
    }

    /// Terms of the dictionary, and many that would be sorted before, between and after them.
    @Test(arguments: Family.allCases, [false, true])
    func termsOfAFamilyAreDistinguished(_ family: Family, _ hasPositions: Bool) throws {
        var random = SplitMix64(seed: SplitMix64.varied(91))
        let all = family.terms(&random)
        for share in [100, 50, 5] {
            // The terms that are left out are as similar to the remaining ones as possible.
            let terms = all.filter { _ in random.chance(share) }.sorted { $0.lexicographicallyPrecedes($1) }
            let absent = Array(all) + Self.edges + all.shuffled(using: &random).prefix(60).flatMap(TermSamples.near)
            try TermSamples.check(terms, absent: absent, hasPositions: hasPositions, &random)
        }
    }
}
