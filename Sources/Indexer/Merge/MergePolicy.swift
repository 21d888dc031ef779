/// The policy that selects adjacent segments to merge, by size tiers.
///
/// Sizes fall into tiers, each `width` times the one below. As soon as `width` segments of a tier are adjacent, they
/// are merged into one segment of the tier above: a document is rewritten once per tier, and few segments remain in
/// any. Sizes count live documents only. A segment with too many deleted documents, or patched numbers, is rewritten
/// alone. Only adjacent segments are merged, so that documents stay in the order of their arrival.
/// ```swift
/// var options = LiveOptions()
/// options.mergePolicy.width = 4                 // fewer segments, more rewriting
/// options.mergePolicy.maxMergedBytes = 4 << 30  // larger segments
/// options.mergePolicy.maxDeletedShare = 0.1     // deleted documents are reclaimed earlier
/// ```
public struct MergePolicy: Sendable {
    /// The properties of a segment that the policy considers.
    public struct Candidate: Sendable, Equatable {
        /// The length of its file in bytes.
        public var bytes: Int
        /// The number of documents, deleted ones included.
        public var documents: Int
        /// The number of documents that are not deleted.
        public var live: Int
        /// The number of documents with a patched number, of the column that has most of them.
        public var patched: Int

        /// Creates a candidate.
        public init(bytes: Int, documents: Int, live: Int, patched: Int = 0) {
            self.bytes = bytes
            self.documents = documents
            self.live = live
            self.patched = patched
        }

        /// The share of `bytes` that live documents take up.
        var liveBytes: Double { documents == 0 ? 0 : Double(bytes) * Double(live) / Double(documents) }
    }

    /// The number of segments of one tier that are merged into one of the next; at least 2.
    public var width = 8
    /// A `width`th of the size in bytes below which all segments belong to the lowest tier. With a high floor each
    /// handful of new documents has a megabyte of others rewritten with it, with a low one more segments are searched.
    public var floorBytes = 32 << 10
    /// The maximum size in bytes of a merged segment: only segments of at most half of it are merged with others,
    /// unless all are merged into one.
    public var maxMergedBytes = 1 << 30
    /// The share of deleted documents above which a segment is rewritten.
    public var maxDeletedShare = 0.2
    /// The share of documents with a patched number above which a segment is rewritten. Patched numbers are in memory,
    /// and each commit writes those of a segment again: with a low share rewriting the segment costs more than that.
    public var maxPatchedShare = 0.5
    /// The number of patched documents up to which a segment is not rewritten for them, whatever their share.
    public var minPatched = 4096

    /// Creates the default policy.
    public init() {}

    /// Returns the indices of the segments to merge next; nil when no merge is worth it.
    ///
    /// `segments` are in index order, without those that are being merged. Complexity: O(segments · `width`).
    public func next(_ segments: [Candidate]) -> Range<Int>? {
        newestRun(segments) ?? mostlyDeleted(segments) ?? mostlyPatched(segments)
    }

    /// Returns the number of segments that are small enough to be merged with others. It stays below a hundred unless
    /// merges fail, or cannot keep up.
    func mergeableCount(_ segments: [Candidate]) -> Int { segments.count { tier($0) >= 0 } }

    /// Returns the tier of a segment, from 0; -1 for one that is too large to be merged.
    private func tier(_ segment: Candidate) -> Int {
        if segment.liveBytes > Double(maxMergedBytes) / 2 { return -1 }
        var tier = 0
        var tierLimit = Double(floorBytes * width)
        while segment.liveBytes >= tierLimit {
            tier += 1
            tierLimit *= Double(width)
        }
        return tier
    }

    /// Returns the newest `width` adjacent segments that end with one of a tier and contain none of a higher tier.
    private func newestRun(_ segments: [Candidate]) -> Range<Int>? {
        let tiers = segments.map(tier)
        var end = segments.count
        while end >= width {
            // Smaller segments between those of a tier are merged with them.
            var start = end
            let lastTier = tiers[end - 1]
            if lastTier >= 0 {
                while start > 0, tiers[start - 1] >= 0, tiers[start - 1] <= lastTier { start -= 1 }
                if end - start >= width { return end - width..<end }
            }
            end -= 1
        }
        return nil
    }

    /// Returns the oldest segment whose share of deleted documents is too high.
    private func mostlyDeleted(_ segments: [Candidate]) -> Range<Int>? {
        let index = segments.firstIndex {
            $0.documents > 0 && Double($0.documents - $0.live) > maxDeletedShare * Double($0.documents)
        }
        return index.map { $0..<$0 + 1 }
    }

    /// Returns the oldest segment whose share of patched documents is too high.
    private func mostlyPatched(_ segments: [Candidate]) -> Range<Int>? {
        let index = segments.firstIndex {
            $0.patched > minPatched && Double($0.patched) > maxPatchedShare * Double($0.documents)
        }
        return index.map { $0..<$0 + 1 }
    }
}
