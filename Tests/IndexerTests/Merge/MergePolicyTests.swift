import TestSupport
import Testing

@testable import Indexer

@Suite struct MergePolicyTests {
    private func flush(_ bytes: Int) -> MergePolicy.Candidate {
        MergePolicy.Candidate(bytes: bytes, documents: bytes / 100, live: bytes / 100)
    }

    private func merged(_ segments: ArraySlice<MergePolicy.Candidate>) -> MergePolicy.Candidate {
        let live = segments.reduce(0) { $0 + $1.live }
        return MergePolicy.Candidate(bytes: live * 100, documents: live, live: live)
    }

    /// Many small flushes: few segments at any time, and each document is rewritten a few times only.
    @Test func aStreamOfFlushesLeavesFewSegments() {
        let policy = MergePolicy()
        var random = SplitMix64(seed: 70)
        var segments: [MergePolicy.Candidate] = []
        var written = 0
        var rewritten = 0
        var maxSegments = 0
        for _ in 0..<20_000 {
            let size = 100 * (1 + random.below(2000))
            written += size
            segments.append(flush(size))
            while let range = policy.next(segments) {
                let mergedSegment = merged(segments[range])
                rewritten += mergedSegment.bytes
                segments.replaceSubrange(range, with: [mergedSegment])
            }
            maxSegments = max(maxSegments, segments.count)
        }
        #expect(segments.reduce(0) { $0 + $1.bytes } == written)
        #expect(maxSegments < 40, "\(maxSegments) segments")
        #expect(rewritten < 9 * written, "each byte is written \(Double(rewritten) / Double(written)) times again")
    }

    /// With updates to all segments, the share of deleted documents stays below the maximum.
    @Test func deletedDocumentsAreReclaimed() {
        let policy = MergePolicy()
        var random = SplitMix64(seed: 71)
        var segments = [flush(100_000_000)]
        for _ in 0..<3000 {
            for i in segments.indices where segments[i].live > 0 {
                segments[i].live -= min(segments[i].live, random.below(segments[i].live / 400 + 2))
            }
            segments.append(flush(100 * (1 + random.below(500))))
            while let range = policy.next(segments) { segments.replaceSubrange(range, with: [merged(segments[range])]) }
            for segment in segments {
                #expect(Double(segment.documents - segment.live) <= policy.maxDeletedShare * Double(segment.documents))
            }
        }
    }

    /// With patches to all segments, the share of patched documents stays below the maximum, and a document is
    /// rewritten at most once for as many patches as that share of the documents.
    @Test func patchedSegmentsAreRewritten() {
        let policy = MergePolicy()
        var random = SplitMix64(seed: 72)
        var segments = [flush(100_000_000), flush(2_000_000), flush(100_000)]
        var patches = 0
        var rewritten = 0
        for _ in 0..<3000 {
            for i in segments.indices {
                let new = random.below(segments[i].documents / 200 + 2)
                patches += new
                segments[i].patched = min(segments[i].patched + new, segments[i].documents)
            }
            while let range = policy.next(segments) {
                #expect(range.count == 1)
                rewritten += segments[range.lowerBound].documents
                segments[range.lowerBound].patched = 0
            }
            for segment in segments where segment.patched > policy.minPatched {
                #expect(Double(segment.patched) <= policy.maxPatchedShare * Double(segment.documents))
            }
        }
        #expect(rewritten > 0)
        #expect(Double(rewritten) < Double(patches) / policy.maxPatchedShare)
        // A segment of few documents is not worth it, however many of them are patched.
        var small = flush(100_000)
        small.patched = small.documents
        #expect(policy.next([small]) == nil)
    }

    @Test func largeSegmentsAreNotMerged() {
        let policy = MergePolicy()
        let large = [MergePolicy.Candidate](repeating: flush(700 << 20), count: 20)
        #expect(policy.next(large) == nil)
        #expect(policy.next([]) == nil)
        #expect(policy.next([flush(100)]) == nil)
        #expect(policy.next(large + [MergePolicy.Candidate](repeating: flush(5000), count: 8)) == 20..<28)
        #expect(policy.next(large + [MergePolicy.Candidate](repeating: flush(5000), count: 7)) == nil)
        var sparse = large
        sparse[3].live = sparse[3].documents / 2
        #expect(policy.next(sparse) == 3..<4)
    }
}
