/// The schedule of a live index's views.
///
/// A few changes are published at once while no other change is waiting, unless there was a view within
/// `LiveOptions.refreshEvery`. Under load, which is when changes wait or many bytes of them arrived since the last
/// view, views are published every `LiveOptions.refreshAfter` only: each view of new documents writes a segment, and
/// few large segments cost less than many small ones.
struct ViewSchedule {
    private let options: LiveOptions
    /// The time of the first change that the view does not contain; nil when it contains all.
    private(set) var unseenSince: ContinuousClock.Instant?
    /// The number of bytes of the changes that the view does not contain; 0 if there are only merges.
    private(set) var unseenBytes = 0
    /// The end of the last publishing; nil before the first.
    private var lastPublished: ContinuousClock.Instant?
    /// The time that it took.
    private var lastCost = Duration.zero

    /// The number of times that the cost of a view passes before the next one: the writer spends at most a fifth of its
    /// time on views.
    private static let costRatio = 4

    /// Creates a schedule for a view that contains all changes.
    init(_ options: LiveOptions) { self.options = options }

    /// Records changes that the view does not contain.
    mutating func changed(bytes: Int, at now: ContinuousClock.Instant) {
        unseenSince = unseenSince ?? now
        unseenBytes += bytes
    }

    /// Records that a view of all changes was published.
    mutating func published(from begin: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        unseenSince = nil
        unseenBytes = 0
        lastPublished = end
        lastCost = end - begin
    }

    /// The time from which a view is published if no change is waiting; nil when nothing is unseen.
    var deadline: ContinuousClock.Instant? {
        guard let unseenSince else { return nil }
        guard let lastPublished else { return unseenSince }
        let shortest = max(options.refreshEvery, lastCost * Self.costRatio)
        let isLoad = unseenBytes >= options.refreshBytes
        return max(unseenSince, lastPublished + (isLoad ? options.refreshAfter : min(shortest, options.refreshAfter)))
    }

    /// Returns true if it is time to publish a view, when other changes are waiting or not.
    func isDue(at now: ContinuousClock.Instant, whileOthersWait: Bool) -> Bool {
        guard let unseenSince, let deadline else { return false }
        return (whileOthersWait ? unseenSince + options.refreshAfter : deadline) <= now
    }
}
