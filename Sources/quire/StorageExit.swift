import Storage

extension StorageError {
    /// The exit code of a failed file operation.
    var exitCode: Int32 {
        switch self {
        case .missing: 66
        case .locked: 75
        case .failed: 74
        case .truncated, .damaged: 65
        case .damagedLog: 69
        }
    }
}
