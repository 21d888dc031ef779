import CIntrinsics

/// The processors of the machine.
public enum Processors {
    /// The number of processors on which the process may run, which may be fewer than the machine has; nil where it is
    /// not known.
    public static var allowed: Int? {
        let count = Int(quire_allowed_processors())
        return count > 0 ? count : nil
    }
}
