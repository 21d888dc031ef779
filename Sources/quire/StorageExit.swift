import Storage

extension StorageError {
    /// The exit code of a failed file operation, from `sysexits.h`: 65 for input that ends early or is corrupt, 66 for
    /// a missing file, 69 for a corrupt log, 74 for an I/O error, 75 for a lock that another process holds.
    var exitCode: Int32 {
        switch self {
        case .missing: 66
        case .locked: 75
        case .failed: 74
        case .truncated, .corrupt: 65
        case .corruptLog: 69
        }
    }
}
