public import Kernels

/// The numbers of what a live index has done since it was opened.
public struct LiveCounts: Sendable {
    /// The number of changes that were acknowledged, those without effect included.
    public internal(set) var changes = 0
    /// The number of commits that became durable.
    public internal(set) var commits = 0
    /// The number of merges that succeeded.
    public internal(set) var merges = 0
    /// The number of merges that failed or were canceled.
    public internal(set) var failedMerges = 0
    /// The bytes of the changes that no commit contains.
    public internal(set) var uncommittedBytes = 0
    /// The times from the first change that a view does not contain to the next view.
    public internal(set) var freshness = LatencyBuckets()
}
