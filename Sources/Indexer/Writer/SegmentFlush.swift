import Kernels
import Segments

/// The write of a full buffer to its file on a thread of its own, while the next buffer fills.
///
/// The buffer's keys may still be looked up meanwhile: writing only reads what that needs. `wait` must be called before
/// the flush is released.
final class SegmentFlush: @unchecked Sendable {
    /// The buffer that is being written.
    let buffer: SegmentBuffer
    private let thread: WorkerThread
    private let result = Monitor<Result<SegmentDescription, IndexError>?>(nil)

    /// Starts to write `buffer` as segment `name` of a folder.
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

    /// Blocks until the write has ended and returns the segment's entry for a manifest. Errors: `storage`.
    func wait() throws(IndexError) -> SegmentDescription {
        thread.join()
        guard let result = result.wait(for: { $0 }) else { preconditionFailure("a flush ends with a result") }
        return try result.get()
    }
}
