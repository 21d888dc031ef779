/// A postings list as plain values.
package struct PlainList: Sendable {
    /// The distribution of the documents over a segment.
    package enum Spread: CaseIterable, Sendable {
        /// Consecutive documents.
        case consecutive
        /// Every second to sixth document: smaller as bits than as gaps.
        case dense
        /// Mostly consecutive, with gaps now and then.
        case runs
        /// Few documents, anywhere in the segment.
        case sparse
        /// Small gaps, a few of them very large.
        case ragged
    }

    /// The frequencies of the term in its documents.
    package enum Occurrences: CaseIterable, Sendable {
        /// Once each.
        case once
        /// Mostly once.
        case few
        /// Frequently: many frequencies above 255, more than 65,535 occurrences in a block.
        case many
    }

    /// The documents, ascending.
    package var documents: [UInt32]
    /// The positions in each document, ascending; several may be equal.
    package var positions: [[UInt32]]

    /// A list of given documents; by default each has the term once.
    package init(_ documents: [UInt32], positions: [[UInt32]]? = nil) {
        self.documents = documents
        self.positions = positions ?? documents.map { $0 % 50 == 0 ? [0] : [$0 % 13] }
    }

    /// A random list of `count` documents in `first ..< limit`, or fewer if these do not fit.
    package init(
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
        positions = documents.map { _ in Self.positions(occurrences, &random) }
    }

    /// Random positions of the term in one document.
    private static func positions(_ occurrences: Occurrences, _ random: inout SplitMix64) -> [UInt32] {
        let count =
            switch occurrences {
            case .once: 1
            case .few: random.chance(70) ? 1 : 1 + random.skewed(below: 60)
            case .many: random.chance(80) ? 230 + random.below(200) : 1 + random.below(3)
            }
        var position = UInt32(random.skewed(below: 50))
        return (0..<count).map { _ in
            defer { position += UInt32(random.chance(1) ? random.below(1 << 20) : random.below(4)) }
            return position
        }
    }

    /// The frequency of the term in the document at an index of the list.
    package func frequency(_ index: Int) -> Int { positions[index].count }

    /// The number of documents of the list that are below `document`. Complexity: O(log count).
    package func rank(of document: UInt32) -> Int {
        var low = 0
        var high = documents.count
        while low < high {
            let middle = (low + high) / 2
            if documents[middle] < document { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A random norm code for each document, mostly of short texts.
package func someNorms(_ documents: Int, _ random: inout SplitMix64) -> [UInt8] {
    random.bytes(documents).map { $0 < 200 ? $0 % 40 : $0 % 120 }
}
