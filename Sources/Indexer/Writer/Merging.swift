import Storage

/// A merge of neighbouring segments: may run beside the writer that began it.
final class MergeJob: Sendable {
    /// Name of the segment to be.
    let name: String
    let merger: SegmentMerger
    private let folder: GenerationFolder

    init(_ merger: SegmentMerger, _ folder: GenerationFolder, name: String) {
        self.merger = merger
        self.folder = folder
        self.name = name
    }

    /// Writes the merged segment and opens it; nil when none of its documents is left.
    ///
    /// Errors: `stopped` when `pace` was cancelled; those of the disk. The file may then be removed with `abandon`.
    func run(_ pace: WritePace? = nil) throws(IndexError) -> SegmentReader? {
        guard let written = try merger.write(folder: folder, name: name, pace: pace) else { return nil }
        return try SegmentReader(folder: folder, written)
    }

    /// Removes what was written.
    func abandon() { try? folder.files.remove(folder.segment(name)) }
}

extension IndexWriter {
    /// Merges neighbouring segments until at most `count` are left, the smallest first. Visible after `commit`.
    public func merge(to count: Int) throws(IndexError) {
        try throwIfOver()
        do throws(IndexError) {
            try stack.flush()
            stack.dropEmpty()
            var groups = stack.segments.map { (count: 1, bytes: $0.reader.description.bytes) }
            while groups.count > max(count, 1) {
                func pair(_ at: Int) -> Int { groups[at - 1].bytes + groups[at].bytes }
                guard let at = (1..<groups.count).min(by: { pair($0) < pair($1) }) else { break }
                let next = groups.remove(at: at)
                groups[at - 1].count += next.count
                groups[at - 1].bytes += next.bytes
            }
            // From behind, so that numbers in front stay what they are.
            var end = stack.segments.count
            for group in groups.reversed() {
                try mergeRange(end - group.count..<end)
                end -= group.count
            }
        } catch {
            throw end(error)
        }
    }

    /// Most segments that are read side by side; more are merged in rounds.
    private static let mergeWidth = 64

    private func mergeRange(_ range: Range<Int>) throws(IndexError) {
        if range.count == 1 { return }
        var range = range
        while range.count > Self.mergeWidth {
            let before = stack.segments.count
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.mergeWidth).reversed() {
                let part = start..<min(start + Self.mergeWidth, range.upperBound)
                if part.count > 1 { try mergeNow(part) }
            }
            range = range.lowerBound..<range.upperBound - (before - stack.segments.count)
        }
        if range.count > 1 { try mergeNow(range) }
    }

    private func mergeNow(_ range: Range<Int>) throws(IndexError) {
        let job = beginMerge(range)
        finishMerge(job, try job.run())
    }

    /// Begins a merge of some segments.
    func beginMerge(_ range: Range<Int>) -> MergeJob {
        let sources = stack.segments[range].map { segment in
            (segment.reader, segment.changes.snapshot(documents: segment.reader.documents))
        }
        let name = stack.nextName()
        stack.unfinished.insert(name)
        for segment in stack.segments[range] { segment.isMerging = true }
        return MergeJob(SegmentMerger(sources, schema: schema), stack.folder, name: name)
    }

    /// Puts a merged segment in the place of its sources, with what was changed of them meanwhile.
    func finishMerge(_ job: MergeJob, _ merged: SegmentReader?) {
        stack.unfinished.remove(job.name)
        let sources = job.merger.sources
        guard let first = stack.segments.firstIndex(where: { $0.reader === sources[0].segment }) else { return }
        let range = first..<first + sources.count
        let changes = PendingChanges()
        for (source, member) in zip(sources, stack.segments[range]) {
            changes.replay(member.changes, since: source.changes) { document in
                source.map.place(UInt32(document)).map { Int($0) }
            }
        }
        stack.replace(range, with: merged.map { WrittenSegment($0, changes, isDurable: false) })
    }

    /// Gives up a merge.
    func abandonMerge(_ job: MergeJob) {
        stack.unfinished.remove(job.name)
        for segment in stack.segments where job.merger.sources.contains(where: { $0.segment === segment.reader }) {
            segment.isMerging = false
        }
        job.abandon()
    }
}
