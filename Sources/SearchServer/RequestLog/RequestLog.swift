import Catalog
import Glibc
import Kernels
import Synchronization

/// A log of requests, one JSON object a line. Thread-safe; it never blocks whoever records.
///
/// Lines wait in memory until a thread of the log writes them, half a second later at most. When too many wait, or the
/// disk does not take them, they are dropped and counted. A line has no query, header or address, and the path only of
/// requests that succeeded: others may have secrets in it. A search that needed a thread has its phases, and the id
/// under which the log of searches has its query.
package final class RequestLog: Sendable {
    /// A request that was replied to.
    struct Entry: JSONWritable {
        var id: String
        /// The time of the reply, in milliseconds since 1970.
        var time: Int
        var method: String
        var route: String
        var path: String
        var status: Int
        var milliseconds: Double
        var facts = RequestTrace.Facts()

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("id", id)
                json.member("method", method)
                json.member("ms", milliseconds)
                json.member("path", ifPresent: status < 400 ? path : nil)
                json.member("query_id", ifPresent: facts.queryID)
                json.member("route", route)
                json.member("search", ifPresent: facts.phases)
                json.member("status", status)
                json.member("time", time)
                json.member("wait_ms", ifPresent: facts.waited)
            }
        }
    }

    /// The lines that wait, and the file that they are appended to.
    private final class Queue: Sendable {
        private struct State {
            var lines: [UInt8] = []
            var dropped = 0
            var mustReopen = false
        }

        private let path: String
        private let state = Mutex(State())
        private let isClosing = Monitor(false)
        /// The file, and whether it ends in a part of a line; only the thread of the log writes to it or replaces it.
        private let file: Mutex<(descriptor: Int32, endsInPart: Bool)>

        init(_ path: String) throws(Unavailable) {
            self.path = path
            let opened = try Self.open(path)
            file = Mutex((opened, false))
        }

        deinit { Self.close(file.withLock { $0.descriptor }) }

        private static func open(_ path: String) throws(Unavailable) -> Int32 {
            let descriptor =
                path == "-" ? STDOUT_FILENO : Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else { throw Unavailable(code: errno) }
            return descriptor
        }

        private static func close(_ descriptor: Int32) {
            if descriptor != STDOUT_FILENO { Glibc.close(descriptor) }
        }

        var dropped: Int { state.withLock { $0.dropped } }

        func add(_ line: UnsafeRawBufferPointer, limit: Int) {
            state.withLock { state in
                guard state.lines.count + line.count < limit else {
                    state.dropped += 1
                    return
                }
                state.lines += line
                state.lines.append(UInt8(ascii: "\n"))
            }
        }

        func close() { isClosing.withLock { $0 = true } }

        func reopen() { state.withLock { $0.mustReopen = true } }

        /// Writes lines until the queue is closed.
        func work() {
            var isOpen = true
            while isOpen {
                isOpen = isClosing.wait(until: .now + RequestLog.interval) { $0 ? true : nil } == nil
                let (lines, mustReopen) = state.withLock { state in
                    defer { state.lines = [] }
                    return (state.lines, state.mustReopen)
                }
                if mustReopen, replaceFile() { state.withLock { $0.mustReopen = false } }
                let lost = append(lines).count { $0 == UInt8(ascii: "\n") }
                if lost > 0 { state.withLock { $0.dropped += lost } }
            }
        }

        /// Opens the file again, which may have been moved away. Returns false if that is impossible: then the old one
        /// is used until it is.
        private func replaceFile() -> Bool {
            guard let opened = try? Self.open(path) else { return false }
            let old = file.withLock { file in
                defer { file = (opened, false) }
                return file.descriptor
            }
            Self.close(old)
            return true
        }

        /// Appends lines to the file. Returns the bytes that could not be written; a line of which only a part was is
        /// ended before the next one.
        private func append(_ lines: [UInt8]) -> ArraySlice<UInt8> {
            if lines.isEmpty { return [] }
            let (descriptor, endsInPart) = file.withLock { $0 }
            if endsInPart, !write([UInt8(ascii: "\n")], to: descriptor).isEmpty { return lines[...] }
            let rest = write(lines[...], to: descriptor)
            let isCut = !rest.isEmpty && rest.startIndex > 0 && lines[rest.startIndex - 1] != UInt8(ascii: "\n")
            file.withLock { $0.endsInPart = isCut }
            return rest
        }

        /// Writes bytes. Returns those that could not be written.
        private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> ArraySlice<UInt8> {
            var rest = bytes
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                rest = rest.dropFirst(count)
            }
            return rest
        }
    }

    /// A file that cannot be opened.
    package struct Unavailable: Error {
        /// The system's error number.
        package let code: Int32
    }

    /// The time after which lines are written.
    fileprivate static let interval = Duration.milliseconds(500)

    private let queue: Queue
    private let thread: Mutex<WorkerThread?>
    private let slowest: Duration
    private let maxBytes: Int

    /// Opens a log that is appended to a file, `-` for standard output. Requests that took less than `slowest`, and
    /// did not fail by a fault of the server, are not recorded. At most `maxBytes` wait to be written.
    ///
    /// Errors: `Unavailable`, also without a thread.
    package init(path: String, slowest: Duration = .zero, maxBytes: Int = 4 << 20) throws(Unavailable) {
        let queue = try Queue(path)
        self.queue = queue
        self.slowest = slowest
        self.maxBytes = maxBytes
        do throws(WorkerThread.Unavailable) {
            let started = try WorkerThread.waiting { queue.work() }
            thread = Mutex(started)
        } catch {
            throw Unavailable(code: error.code)
        }
    }

    deinit { queue.close() }

    /// The number of lines that were dropped.
    var dropped: Int { queue.dropped }

    /// Records a request that took some time, if it is one of those that are recorded.
    func record(_ status: Int, _ time: Duration, _ entry: @autoclosure () -> Entry) {
        guard time >= slowest || status >= 500 else { return }
        var json = JSONWriter(capacity: 256)
        entry().write(to: &json)
        json.withBytes { queue.add($0, limit: maxBytes) }
    }

    /// Opens the file again before the next lines are written, for programs that move it away.
    package func reopen() { queue.reopen() }

    /// Writes what waits, and ends the thread. Later requests are not logged. Further calls do nothing.
    package func close() {
        guard let thread = thread.withLock({ $0.take() }) else { return }
        queue.close()
        thread.join()
    }
}
