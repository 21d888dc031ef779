import Kernels

extension SchedulerSlice {
    /// True if a thread of this system can ask for short slices, and has them then.
    package static let canBeShort: Bool = {
        let isShort = Monitor<Bool?>(nil)
        let thread = WorkerThread {
            shorten()
            let isChanged = current == short
            isShort.withLock { $0 = isChanged }
        }
        thread.join()
        return isShort.withLock { $0 } ?? false
    }()
}
