import Glibc

/// The priority of this process among those of the machine.
public enum ProcessPriority {
    /// Lets other processes go first: gives all threads of the process a niceness from 0 to 19, which the threads that
    /// they start later have as well. Does nothing where that is impossible.
    public static func lower(to niceness: Int32) {
        // On Linux niceness belongs to a thread, not to the process.
        guard let threads = opendir("/proc/self/task") else { return }
        defer { closedir(threads) }
        while let entry = readdir(threads) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let thread = id_t(name) else { continue }
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), thread, niceness)
        }
    }
}
