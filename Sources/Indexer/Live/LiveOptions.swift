/// How a live index spends time and memory.
public struct LiveOptions: Sendable {
    /// Bytes of the segment in memory.
    public var memoryLimit = 128 << 20
    /// How long a change stays unseen at most, the time of writing its segment apart.
    public var refreshAfter = Duration.milliseconds(200)
    /// How long changes stay uncommitted at most: other processes see them only then.
    public var commitAfter = Duration.seconds(5)
    /// Bytes of changes after which they are committed earlier: what a restart has to do again.
    public var commitBytes = 32 << 20
    /// Bytes of changes that may wait for the writer; more are refused as `busy`.
    public var queueBytes = 64 << 20
    /// How long to wait after an error of the disk before trying again.
    public var retryAfter = Duration.seconds(1)
    /// Which segments are merged.
    public var mergePolicy = MergePolicy()
    /// Bytes a second that each merge writes at most; nil for no limit.
    public var mergeBytesPerSecond: Int? = 64 << 20

    /// The usual numbers.
    public init() {}
}

/// What happens to a live index by itself, for a log.
public enum LiveEvent: Sendable, CustomStringConvertible {
    /// The disk failed, or is full: nothing is written until it can be. Searches go on.
    case stopped(IndexError)
    /// Writing goes on after `stopped`.
    case resumed
    /// A merge failed; it will be tried again.
    case mergeFailed(IndexError)

    /// Whether somebody should look after it.
    public var isProblem: Bool {
        if case .resumed = self { false } else { true }
    }

    /// A sentence.
    public var description: String {
        switch self {
        case .stopped(let error): "writing has stopped, searches go on: \(error)"
        case .resumed: "writing goes on"
        case .mergeFailed(let error): "a merge failed and will be tried again: \(error)"
        }
    }
}
