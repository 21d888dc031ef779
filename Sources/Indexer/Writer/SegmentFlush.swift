import Kernels

/// Writes a full buffer to its file on a thread of its own, while the next one fills.
///
/// The buffer may still be asked for its keys meanwhile: writing only reads what that needs. `wait` must be called
/// before the flush is dropped.
final class SegmentFlush: @unchecked Sendable {
    /// What is being written.
    let buffer: SegmentBuffer
    private let thread: WorkerThread
    private let result = Monitor<Result<SegmentDescription, IndexError>?>(nil)

    /// Begins to write `buffer` as `name` into a folder.
    init(_ buffer: SegmentBuffer, folder: GenerationFolder, name: String) {
        self.buffer = buffer
        nonisolated(unsafe) let full = buffer
        thread = WorkerThread { [result] in
            let written: Result<SegmentDescription, IndexError>
            do throws(IndexError) {
                written = .success(try full.write(folder: folder, name: name))
            } catch {
                written = .failure(error)
            }
            result.withLock { $0 = written }
        }
    }

    /// Waits for the end and answers what a manifest says of the segment.
    func wait() throws(IndexError) -> SegmentDescription {
        thread.join()
        guard let result = result.wait(for: { $0 }) else { preconditionFailure("a flush ends with a result") }
        return try result.get()
    }
}
