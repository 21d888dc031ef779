public import Segments

/// A merge of adjacent segments, which may run on another thread than the writer that started it.
final class MergeJob: Sendable {
    /// The name of the merged segment.
    let name: String
    /// The merger, with its sources and their updates when the merge began.
    let merger: SegmentMerger
    /// True if it needs much time and memory.
    let isLarge: Bool
    private let folder: GenerationFolder

    /// The size in bytes above which a segment makes a merge large.
    static let largeBytes = 16 << 20

    /// Returns true if one of the segments makes a merge large, or all of them together do.
    static func isLarge(_ sources: [SegmentReader]) -> Bool {
        sources.contains { $0.description.bytes > largeBytes }
            || sources.reduce(0) { $0 + $1.description.bytes } > 8 * largeBytes
    }

    init(_ merger: SegmentMerger, _ folder: GenerationFolder, name: String) {
        self.merger = merger
        isLarge = Self.isLarge(merger.sources.map(\.segment))
        self.folder = folder
        self.name = name
    }

    /// Writes the merged segment and opens it; nil when none of its documents is live.
    ///
    /// Errors: `corrupt` for a corrupt source, `stopped` when `limiter` was canceled, those of the disk. `abandon` then
    /// removes the file.
    func run(_ limiter: RateLimiter? = nil) throws(IndexError) -> SegmentReader? {
        guard let written = try merger.write(folder: folder, name: name, limiter: limiter) else { return nil }
        return try SegmentReader(folder: folder, written)
    }

    /// Removes the file that was written.
    func abandon() { try? folder.files.remove(folder.segment(name)) }
}

extension IndexWriter {
    /// Merges adjacent segments, the smallest first, until at most `count` are left. The result is visible after
    /// `commit`.
    ///
    /// Blocks until all merges are done. Errors: `corrupt`, `storage`; any error ends the writer. Complexity: O(bytes
    /// of the merged segments), more with over 64 sources of one segment, which are merged in rounds.
    public func merge(to count: Int) throws(IndexError) {
        try throwIfEnded()
        do throws(IndexError) {
            try stack.flush()
            stack.dropEmpty()
            var groups = stack.segments.map { (count: 1, bytes: $0.reader.description.bytes) }
            while groups.count > max(count, 1) {
                func pairBytes(_ index: Int) -> Int { groups[index - 1].bytes + groups[index].bytes }
                guard let index = (1..<groups.count).min(by: { pairBytes($0) < pairBytes($1) }) else { break }
                let next = groups.remove(at: index)
                groups[index - 1].count += next.count
                groups[index - 1].bytes += next.bytes
            }
            // From the end, so that the indices of earlier segments stay valid.
            var end = stack.segments.count
            for group in groups.reversed() {
                try mergeRange(end - group.count..<end)
                end -= group.count
            }
        } catch {
            throw end(error)
        }
    }

    /// The maximum number of segments that are read at once; more are merged in rounds.
    static let mergeWidth = 64

    /// Merges a range of segments into one, in rounds if there are many.
    private func mergeRange(_ range: Range<Int>) throws(IndexError) {
        if range.count == 1 { return }
        var range = range
        while range.count > Self.mergeWidth {
            let countBefore = stack.segments.count
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.mergeWidth).reversed() {
                let part = start..<min(start + Self.mergeWidth, range.upperBound)
                if part.count > 1 { try mergeNow(part) }
            }
            range = range.lowerBound..<range.upperBound - (countBefore - stack.segments.count)
        }
        if range.count > 1 { try mergeNow(range) }
    }

    /// Merges a range of segments on this thread.
    private func mergeNow(_ range: Range<Int>) throws(IndexError) {
        let job = startMerge(range)
        finishMerge(job, try job.run())
    }

    /// Prepares a merge of a range of segments, which stay searchable and may get updates meanwhile.
    func startMerge(_ range: Range<Int>) -> MergeJob {
        let sources = stack.segments[range].map { segment in
            (segment.reader, segment.updates.snapshot(documents: segment.reader.documents))
        }
        let name = stack.nextName()
        stack.unfinished.insert(name)
        for segment in stack.segments[range] { segment.isMerging = true }
        return MergeJob(SegmentMerger(sources, schema: schema), stack.folder, name: name)
    }

    /// Replaces the sources of a merge by the merged segment, with the updates that the sources got meanwhile.
    ///
    /// Complexity: O(updates since the merge began); the sources' files are removed after the next commit but one.
    func finishMerge(_ job: MergeJob, _ merged: SegmentReader?) {
        stack.unfinished.remove(job.name)
        let sources = job.merger.sources
        guard let first = stack.segments.firstIndex(where: { $0.reader === sources[0].segment }) else { return }
        let range = first..<first + sources.count
        let updates = PendingUpdates()
        for (source, member) in zip(sources, stack.segments[range]) {
            updates.replay(member.updates, since: source.updates) { document in
                source.map.target(UInt32(document)).map { Int($0) }
            }
        }
        stack.replace(range, with: merged.map { WrittenSegment($0, updates, isDurable: false) })
    }

    /// Releases the sources of a merge that failed with an error and whose file was removed. A source that is corrupt
    /// is excluded from merges, so that the others go on; returns true if there was one.
    func abandonMerge(_ job: MergeJob, _ error: IndexError) -> Bool {
        stack.unfinished.remove(job.name)
        var isExcluded = false
        for segment in stack.segments where job.merger.sources.contains(where: { $0.segment === segment.reader }) {
            segment.isMerging = false
            guard case .corrupt(let file, _, _, _) = error,
                file == stack.folder.segment(segment.reader.description.name)
            else { continue }
            segment.isCorrupt = true
            isExcluded = true
        }
        return isExcluded
    }
}
