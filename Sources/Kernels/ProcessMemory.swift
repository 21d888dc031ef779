import CIntrinsics

/// Control of the C library's allocator, which by default keeps much of the memory that was freed for as long as the
/// process runs.
///
/// Both functions affect the whole process and do nothing where the C library is not glibc.
public enum ProcessMemory {
    /// Returns freed memory to the operating system.
    ///
    /// Complexity: some milliseconds for each hundred megabytes kept; other threads may wait for memory meanwhile.
    public static func returnFreed() { quire_return_free_memory() }

    /// Makes the allocator return blocks of a megabyte and more to the operating system as soon as they are freed, from
    /// now on. Meant for long-running processes, which call it once.
    public static func returnLargeBlocks() { quire_return_blocks_from(1 << 20) }
}
