/// A posting list as plain values.
public struct PlainList: Sendable {
    /// How documents are spread over a segment.
    public enum Spread: CaseIterable, Sendable {
        /// One behind the other.
        case consecutive
        /// Every other, every third …: better kept as bits than as gaps.
        case dense
        /// Mostly consecutive, with gaps now and then.
        case runs
        /// All over the segment.
        case sparse
        /// Small gaps, few of them very large.
        case ragged
    }

    /// How often a document has the term.
    public enum Occurrences: CaseIterable, Sendable {
        /// Once each.
        case once
        /// Mostly once.
        case few
        /// Often: many frequencies above 255, more than 65,535 in a block.
        case many
    }

    /// The documents, ascending.
    public var documents: [UInt32]
    /// The places in each document, ascending; several may be the same.
    public var positions: [[UInt32]]

    /// A list of given documents, each of which has the term once.
    public init(_ documents: [UInt32], positions: [[UInt32]]? = nil) {
        self.documents = documents
        self.positions = positions ?? documents.map { $0 % 50 == 0 ? [0] : [$0 % 13] }
    }

    /// `count` documents below `limit` (fewer when there is no room) from `first` on.
    public init(
        _ count: Int, _ spread: Spread, _ occurrences: Occurrences, from first: Int = 0, below limit: Int,
        using random: inout SplitMix64
    ) {
        var next = first
        var documents: [UInt32] = []
        let room = max((limit - first) / max(count, 1), 1)
        let step = 2 + random.below(5)
        while documents.count < count, next < limit {
            documents.append(UInt32(next))
            switch spread {
            case .consecutive: next += 1
            case .dense: next += 1 + random.below(step)
            case .runs: next += random.chance(98) ? 1 : 1 + random.below(2 * room * 50)
            case .sparse: next += 1 + random.below(max(2 * room - 1, 1))
            case .ragged: next += 1 + (random.chance(99) ? random.below(3) : random.below(room * 60))
            }
        }
        self.documents = documents
        positions = documents.map { _ in Self.places(occurrences, &random) }
    }

    private static func places(_ occurrences: Occurrences, _ random: inout SplitMix64) -> [UInt32] {
        let count =
            switch occurrences {
            case .once: 1
            case .few: random.chance(70) ? 1 : 1 + random.skewed(below: 60)
            case .many: random.chance(80) ? 230 + random.below(200) : 1 + random.below(3)
            }
        var place = UInt32(random.skewed(below: 50))
        return (0..<count).map { _ in
            defer { place += UInt32(random.chance(1) ? random.below(1 << 20) : random.below(4)) }
            return place
        }
    }

    /// How often a document has the term.
    public func frequency(_ rank: Int) -> Int { positions[rank].count }

    /// The number of documents before one.
    public func rank(of document: UInt32) -> Int {
        var low = 0
        var high = documents.count
        while low < high {
            let middle = (low + high) / 2
            if documents[middle] < document { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A random length code for each document, most of them of short texts.
public func someNorms(_ documents: Int, _ random: inout SplitMix64) -> [UInt8] {
    random.bytes(documents).map { $0 < 200 ? $0 % 40 : $0 % 120 }
}
