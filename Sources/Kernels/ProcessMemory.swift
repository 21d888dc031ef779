import CIntrinsics

/// What the C library does with memory that was freed: by itself it keeps much of it for as long as the process runs.
public enum ProcessMemory {
    /// Gives what was freed back to the system. Complexity: some milliseconds for each hundred megabytes kept; other
    /// threads may wait for memory meanwhile.
    public static func returnFreed() { quire_return_free_memory() }

    /// Has blocks of a megabyte and more given back as soon as they are freed, from now on: for processes that run for
    /// long.
    public static func returnLargeBlocks() { quire_return_blocks_from(1 << 20) }
}
