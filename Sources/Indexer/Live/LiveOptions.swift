public import Segments

/// The time and memory limits of a live index.
public struct LiveOptions: Sendable {
    /// The memory and the threads for writing; indexes with the same ones share them.
    public var resources = WriteResources()
    /// The minimum time between two views; a change after a longer pause is visible at once, excluding the time to
    /// write its segment.
    public var refreshEvery = Duration.milliseconds(50)
    /// The maximum time until a change is visible to searches, excluding the time to write its segment.
    public var refreshAfter = Duration.milliseconds(250)
    /// The number of bytes of changes since the last view from which the next one waits for `refreshAfter`.
    public var refreshBytes = 64 << 10
    /// The maximum time until a change is committed; other processes see it only then.
    public var commitAfter = Duration.seconds(5)
    /// The number of bytes of uncommitted changes that triggers an earlier commit: what a restart has to repeat.
    public var commitBytes = 32 << 20
    /// The time to wait after an error of the disk before trying again; it doubles with each attempt that fails.
    public var retryAfter = Duration.seconds(1)
    /// The maximum time to wait, and the time to wait after an error that only a person can remove.
    public var maxRetryAfter = Duration.seconds(30)
    /// The number of segments that wait to be merged above which documents are refused as `busy`: merges fail, or
    /// cannot keep up.
    public var maxMergeableSegments = 256
    /// The policy that selects the segments to merge.
    public var mergePolicy = MergePolicy()
    /// The maximum number of bytes per second that each merge writes; nil for no limit.
    public var mergeBytesPerSecond: Int? = 64 << 20

    /// Creates the default options.
    public init() {}
}

/// An event of a live index that no caller caused, for a log.
public enum LiveEvent: Sendable, CustomStringConvertible {
    /// The disk failed, or is full: writing has stopped until it is possible again. Searches go on. Reported again when
    /// another error keeps it from being resumed.
    case stopped(IndexError)
    /// Writing goes on after `stopped`.
    case resumed
    /// A merge failed; it will be tried again.
    case mergeFailed(IndexError)
    /// A merge found a segment to be corrupt: it is searched, and merged no more.
    case segmentCorrupt(IndexError)
    /// The standby generation cannot be written: it will be tried again, and the current one goes on.
    case standbyFailed(IndexError)

    /// True if the event needs attention.
    public var isProblem: Bool {
        if case .resumed = self { false } else { true }
    }

    /// The event as a sentence.
    public var description: String {
        switch self {
        case .stopped(let error): "writing has stopped, searches go on: \(error)"
        case .resumed: "writing goes on"
        case .mergeFailed(let error): "a merge failed and will be tried again: \(error)"
        case .segmentCorrupt(let error): "a segment cannot be merged any more: \(error)"
        case .standbyFailed(let error): "the generation beside the current one cannot be written: \(error)"
        }
    }
}
