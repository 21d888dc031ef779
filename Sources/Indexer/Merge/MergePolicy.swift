/// Decides which neighbouring segments are worth merging.
///
/// Sizes fall into tiers, each `width` times the one below. As soon as `width` neighbours of a tier
/// stand side by side, they become one segment of the tier above: a document is rewritten once a tier, and few
/// segments are left of any. Sizes are those of documents that were not deleted. A segment of which too many were is
/// rewritten alone. Only neighbours are merged, so that documents keep the order of their arrival.
public struct MergePolicy: Sendable {
    /// What the policy knows of a segment.
    public struct Candidate: Sendable, Equatable {
        /// Its file's length.
        public var bytes: Int
        /// Documents in it, and those that were not deleted.
        public var documents: Int
        /// Documents that were not deleted.
        public var live: Int

        /// A segment.
        public init(bytes: Int, documents: Int, live: Int) {
            self.bytes = bytes
            self.documents = documents
            self.live = live
        }

        var liveBytes: Double { documents == 0 ? 0 : Double(bytes) * Double(live) / Double(documents) }
    }

    /// Segments of one tier that become one of the next.
    public var width = 8
    /// Bytes below which all segments are of one tier.
    public var floor = 256 << 10
    /// Bytes of documents above which no segment is merged with others, unless all are merged to one.
    public var most = 1 << 30
    /// Share of deleted documents above which a segment is rewritten.
    public var mostDeleted = 0.2

    /// The policy with its usual numbers.
    public init() {}

    /// The segments to merge next, by their places; nil when nothing is worth it. Complexity: O(segments).
    public func next(_ segments: [Candidate]) -> Range<Int>? {
        newestRun(segments) ?? mostlyDeleted(segments)
    }

    /// Tiers count from 0; -1 stands for segments too large to be merged.
    private func tier(_ segment: Candidate) -> Int {
        if segment.liveBytes > Double(most) / 2 { return -1 }
        var tier = 0
        var most = Double(floor * width)
        while segment.liveBytes >= most {
            tier += 1
            most *= Double(width)
        }
        return tier
    }

    /// The newest `width` neighbours that end with one of a tier and have none of a tier above it.
    private func newestRun(_ segments: [Candidate]) -> Range<Int>? {
        let tiers = segments.map(tier)
        var end = segments.count
        while end >= width {
            // Smaller segments between those of a tier go with them.
            var start = end
            let limit = tiers[end - 1]
            if limit >= 0 {
                while start > 0, tiers[start - 1] >= 0, tiers[start - 1] <= limit { start -= 1 }
                if end - start >= width { return end - width..<end }
            }
            end -= 1
        }
        return nil
    }

    private func mostlyDeleted(_ segments: [Candidate]) -> Range<Int>? {
        let at = segments.firstIndex {
            $0.documents > 0 && Double($0.documents - $0.live) > mostDeleted * Double($0.documents)
        }
        return at.map { $0..<$0 + 1 }
    }
}
