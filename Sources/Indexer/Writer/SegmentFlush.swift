import Glibc

/// Writes a full buffer to its file on a thread of its own, while the next one fills.
///
/// The buffer may still be asked for its keys meanwhile: writing only reads what that needs. `wait` must be called
/// before the flush is dropped.
final class SegmentFlush {
    /// What is being written.
    let buffer: SegmentBuffer
    private let folder: GenerationFolder
    private let name: String
    private var thread = pthread_t()
    private var isRunning = false
    private var result: Result<SegmentDescription, IndexError>?

    /// Begins to write `buffer` as `name` into a folder.
    init(_ buffer: SegmentBuffer, folder: GenerationFolder, name: String) {
        self.buffer = buffer
        self.folder = folder
        self.name = name
        let me = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<SegmentFlush>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, me.toOpaque())
        isRunning = code == 0
        if !isRunning {
            // No thread to be had: then it is done here.
            me.release()
            run()
        }
    }

    private func run() {
        do throws(IndexError) {
            result = .success(try buffer.write(folder: folder, name: name))
        } catch {
            result = .failure(error)
        }
    }

    /// Waits for the end and answers what a manifest says of the segment.
    func wait() throws(IndexError) -> SegmentDescription {
        if isRunning { pthread_join(thread, nil) }
        isRunning = false
        guard let result else { preconditionFailure("a flush ends with a result") }
        return try result.get()
    }
}
