import Glibc
import Kernels
package import Storage

/// An in-memory file system for crash tests: it loses what was not synced, fails on demand and can stop at any call.
///
/// Bytes of a file survive a crash once the file was synced; names in a folder survive once the folder was synced, in
/// the order in which they were changed. Every call is counted, so a test can stop at each of them in turn.
/// Thread-safe.
package final class FaultyFileSystem: FileSystem {
    /// The fault to inject.
    package enum Fault: Sendable, Equatable {
        case nothing
        /// From this call on nothing is executed: the power is gone.
        case stop(at: Int)
        /// This call fails with `errno`; writes are cut short. Later calls succeed.
        case fail(at: Int, code: Int32)
    }

    /// The kind of crash, which decides what survives.
    package enum Crash: Sendable, CaseIterable {
        /// Everything that was written: the process ended, the machine went on.
        case keepsAll
        /// Only what was synced.
        case losesAll
        /// What was synced and a part of the rest: the first few changes of each folder and the first few bytes of each
        /// file, perhaps with a hole.
        case losesSome
    }

    /// A file; accessed only while the state is locked.
    private final class Inode: @unchecked Sendable {
        /// The bytes as the running system sees them.
        var bytes: [UInt8] = []
        /// The bytes that survive a crash.
        var durable: [UInt8] = []
        /// True after a failed sync: the system considers the bytes written, so no later sync writes them.
        var isForgotten = false

        func sync() { if !isForgotten { durable = bytes } }
    }

    private enum Entry: Sendable {
        case file(Inode)
        case folder
    }

    private struct State {
        var entries: [String: Entry] = ["/": .folder]
        var durable: [String: Entry] = ["/": .folder]
        /// The name changes since their folder was last synced, in order.
        var journal: [(folder: String, changes: [(path: String, entry: Entry?)])] = []
        var locks: Set<String> = []
        var calls = 0
        var fault = Fault.nothing
        var isStopped = false
        /// The files that were removed, with the thread that did it.
        var removals: [(path: String, thread: UInt)] = []
        /// Called before each call, and between the halves of a write.
        var watcher: (@Sendable () -> Void)?
    }

    private let state = Monitor(State())

    /// An empty disk.
    package init() {}

    /// The number of calls since `set`.
    package var calls: Int { state.withLock { $0.calls } }

    /// The files that were removed, in order, with the threads that did it as `pthread_self` numbers them.
    package var removals: [(path: String, thread: UInt)] { state.withLock { $0.removals } }

    /// True once the call of a `stop` fault was reached.
    package var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Sets the fault to inject and restarts the call counter.
    package func set(_ fault: Fault) {
        state.withLock {
            $0.fault = fault
            $0.calls = 0
            $0.isStopped = false
        }
    }

    /// Sets a function that is called before each call and between the halves of each write, the points at which a
    /// crash may happen. The watcher must not make calls of the same file system; `crashed` is not a call.
    package func watch(_ watcher: (@Sendable () -> Void)?) {
        state.withLock { $0.watcher = watcher }
    }

    private func notifyWatcher() {
        state.withLock { $0.watcher }?()
    }

    /// The paths of all files, sorted.
    package var allFiles: [String] {
        state.withLock { state in
            state.entries.compactMap { if case .file = $0.value { $0.key } else { nil } }.sorted()
        }
    }

    /// The bytes of a file; nil if it does not exist.
    package func bytes(of path: String) -> [UInt8]? {
        state.withLock { state in
            guard case .file(let inode)? = state.entries[path] else { return nil }
            return inode.bytes
        }
    }

    /// Modifies the bytes of a file, and their durable copy, without counting a call.
    package func spoil(_ path: String, _ body: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard case .file(let inode)? = state.entries[path] else { return }
            body(&inode.bytes)
            inode.durable = inode.bytes
        }
    }

    /// The file system after a crash. Locks and the injected fault are gone.
    package func crashed(_ crash: Crash, seed: UInt64 = 0) -> FaultyFileSystem {
        var random = SplitMix64(seed: seed)
        let after = FaultyFileSystem()
        let found = state.withLock { state -> [String: Entry] in
            let survivors = survivors(state, crash, &random)
            func isReachable(_ path: String) -> Bool {
                if path == "/" { return true }
                guard case .folder? = survivors[parent(of: path)] else { return false }
                return isReachable(parent(of: path))
            }
            var copies: [ObjectIdentifier: Inode] = [:]
            var entries: [String: Entry] = ["/": .folder]
            for (path, entry) in survivors.sorted(by: { $0.key < $1.key }) where isReachable(path) {
                guard case .file(let inode) = entry else {
                    entries[path] = .folder
                    continue
                }
                let copy = copies[ObjectIdentifier(inode)] ?? Inode()
                copies[ObjectIdentifier(inode)] = copy
                // In memory of its own: the sanitizer of threads does not see the reference counts that order accesses
                // to a shared one.
                copy.bytes = Self.survivor(of: inode, crash, &random).withUnsafeBytes { Array($0) }
                copy.durable = copy.bytes
                entries[path] = .file(copy)
            }
            return entries
        }
        after.state.withLock {
            $0.entries = found
            $0.durable = found
        }
        return after
    }

    /// The directory entries that survive a crash.
    private func survivors(_ state: State, _ crash: Crash, _ random: inout SplitMix64) -> [String: Entry] {
        var survivors = crash == .keepsAll ? state.entries : state.durable
        guard crash == .losesSome else { return survivors }
        var lost: Set<String> = []
        for (folder, changes) in state.journal where !lost.contains(folder) {
            if random.chance(40) {
                lost.insert(folder)
            } else {
                for (path, entry) in changes { survivors[path] = entry }
            }
        }
        return survivors
    }

    /// The bytes of a file that survive a crash.
    private static func survivor(of inode: Inode, _ crash: Crash, _ random: inout SplitMix64) -> [UInt8] {
        switch crash {
        case .keepsAll: return inode.bytes
        case .losesAll: return inode.durable
        case .losesSome:
            let synced = inode.durable.count
            guard inode.bytes.count > synced, inode.bytes.starts(with: inode.durable) else {
                return random.chance(50) ? inode.bytes : inode.durable
            }
            var bytes = Array(inode.bytes.prefix(synced + random.below(inode.bytes.count - synced + 1)))
            if random.chance(30), bytes.count > synced {
                let from = synced + random.below(bytes.count - synced)
                for i in from..<min(from + 1 + random.below(64), bytes.count) { bytes[i] = 0 }
            }
            return bytes
        }
    }
}

// MARK: - Calls

extension FaultyFileSystem {
    /// Counts a call and injects the fault if it is due; `cut` applies the partial effect of a failing call.
    private func call<T>(
        _ operation: String, _ path: String, cut: (inout State) -> Void = { _ in },
        _ body: (inout State) throws(StorageError) -> T
    ) throws(StorageError) -> T {
        notifyWatcher()
        let result = state.withLock { state -> Result<T, StorageError> in
            state.calls += 1
            switch state.fault {
            case .stop(let at) where state.calls >= at:
                if !state.isStopped { cut(&state) }
                state.isStopped = true
                return .failure(.failed(operation: operation, path: path, code: ESHUTDOWN))
            case .fail(at: state.calls, let code):
                cut(&state)
                return .failure(.failed(operation: operation, path: path, code: code))
            default: break
            }
            do throws(StorageError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func put(_ path: String, _ entry: Entry?, in state: inout State, folder: String) {
        state.entries[path] = entry
        state.journal.append((folder, [(path, entry)]))
    }

    /// See `FileSystem`.
    package func kind(_ path: String) throws(StorageError) -> FileKind? {
        try call("inspect", path) { state throws(StorageError) in
            switch state.entries[path] {
            case .file?: .file
            case .folder?: .folder
            case nil: nil
            }
        }
    }

    /// See `FileSystem`.
    package func isDirectory(_ path: String) throws(StorageError) -> Bool { try kind(path) == .folder }

    private static func inode(_ path: String, _ state: State) throws(StorageError) -> Inode {
        guard case .file(let inode)? = state.entries[path] else { throw .missing(path: path) }
        return inode
    }

    /// See `FileSystem`.
    package func size(_ path: String) throws(StorageError) -> Int {
        try call("inspect", path) { state throws(StorageError) in try Self.inode(path, state).bytes.count }
    }

    /// See `FileSystem`.
    package func makeDirectory(_ path: String) throws(StorageError) -> Bool {
        let folder = parent(of: path)
        return try call("make the folder", path) { state throws(StorageError) in
            if state.entries[path] != nil { return false }
            guard case .folder? = state.entries[folder] else { throw .missing(path: path) }
            Self.put(path, .folder, in: &state, folder: folder)
            return true
        }
    }

    /// See `FileSystem`.
    package func list(_ path: String) throws(StorageError) -> [String] {
        try call("list", path) { state throws(StorageError) in
            guard case .folder? = state.entries[path] else { throw .missing(path: path) }
            return state.entries.keys.filter { $0 != "/" && self.parent(of: $0) == path }
                .map { String($0.dropFirst(path == "/" ? 1 : path.count + 1)) }.sorted()
        }
    }

    /// See `FileSystem`.
    package func remove(_ path: String) throws(StorageError) {
        let folder = parent(of: path)
        try call("remove", path) { state throws(StorageError) in
            if case .folder? = state.entries[path] { throw .failed(operation: "remove", path: path, code: EISDIR) }
            guard state.entries[path] != nil else { return }
            state.removals.append((path, UInt(pthread_self())))
            Self.put(path, nil, in: &state, folder: folder)
        }
    }

    /// See `FileSystem`.
    package func removeDirectory(_ path: String) throws(StorageError) {
        let folder = parent(of: path)
        try call("remove the folder", path) { state throws(StorageError) in
            if state.entries.keys.contains(where: { $0 != path && self.parent(of: $0) == path }) {
                throw .failed(operation: "remove the folder", path: path, code: ENOTEMPTY)
            }
            if state.entries[path] != nil { Self.put(path, nil, in: &state, folder: folder) }
        }
    }

    /// See `FileSystem`.
    package func rename(_ from: String, to: String) throws(StorageError) {
        let folder = parent(of: to)
        try call("rename", from) { state throws(StorageError) in
            guard let entry = state.entries[from] else { throw .missing(path: from) }
            state.entries[from] = nil
            state.entries[to] = entry
            state.journal.append((folder, [(from, nil), (to, entry)]))
        }
    }

    /// See `FileSystem`.
    package func link(_ from: String, to: String) throws(StorageError) {
        let folder = parent(of: to)
        try call("link", to) { state throws(StorageError) in
            let inode = try Self.inode(from, state)
            if state.entries[to] != nil { throw .failed(operation: "link", path: to, code: EEXIST) }
            Self.put(to, .file(inode), in: &state, folder: folder)
        }
    }

    /// See `FileSystem`.
    package func sync(_ path: String) throws(StorageError) {
        try call("sync", path, cut: { (try? Self.inode(path, $0))?.isForgotten = true }) { state throws(StorageError) in
            try Self.inode(path, state).sync()
        }
    }

    /// See `FileSystem`.
    package func syncDirectory(_ path: String) throws(StorageError) {
        try call("sync", path) { state throws(StorageError) in
            for (folder, changes) in state.journal where folder == path {
                for (path, entry) in changes { state.durable[path] = entry }
            }
            state.journal.removeAll { $0.folder == path }
        }
    }

    /// See `FileSystem`.
    package func create(_ path: String) throws(StorageError) -> any OutputFile {
        let folder = parent(of: path)
        return try call("create", path) { state throws(StorageError) in
            if state.entries[path] != nil { throw .failed(operation: "create", path: path, code: EEXIST) }
            guard case .folder? = state.entries[folder] else { throw .missing(path: path) }
            let inode = Inode()
            Self.put(path, .file(inode), in: &state, folder: folder)
            return Output(self, inode, path)
        }
    }

    /// See `FileSystem`.
    package func map(_ path: String) throws(StorageError) -> MappedFile {
        let bytes = try call("open", path) { state throws(StorageError) in try Self.inode(path, state).bytes }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 4096)
        memory.copyBytes(from: bytes)
        return MappedFile(path, bytes: UnsafeRawBufferPointer(memory)) { $0.deallocate() }
    }

    package func spool(in folder: String) throws(StorageError) -> SpoolFile {
        try call("spool", folder) { _ throws(StorageError) in try SpoolFile(in: "/tmp") }
    }
    /// See `FileSystem`; it never waits.
    package func lock(_ path: String, waits: Bool) throws(StorageError) -> any FileLock {
        let folder = parent(of: path)
        return try call("lock", path) { state throws(StorageError) in
            guard state.locks.insert(path).inserted else { throw .locked(path: path, owner: getpid()) }
            if state.entries[path] == nil { Self.put(path, .file(Inode()), in: &state, folder: folder) }
            return Lock(self, path)
        }
    }

    private final class Lock: FileLock {
        private let files: FaultyFileSystem
        private let path: String

        init(_ files: FaultyFileSystem, _ path: String) {
            self.files = files
            self.path = path
        }

        deinit { _ = files.state.withLock { $0.locks.remove(path) } }
    }

    private final class Output: OutputFile {
        private let files: FaultyFileSystem
        private let inode: Inode
        private let path: String

        init(_ files: FaultyFileSystem, _ inode: Inode, _ path: String) {
            self.files = files
            self.inode = inode
            self.path = path
        }

        func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
            let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
            try files.call("write", path, cut: { _ in inode.bytes += half }) { _ throws(StorageError) in
                inode.bytes += half
            }
            files.notifyWatcher()
            files.state.withLock { _ in inode.bytes += bytes[(bytes.count / 2)...] }
        }

        func sync() throws(StorageError) {
            try files.call("sync", path, cut: { _ in inode.isForgotten = true }) { _ throws(StorageError) in
                inode.sync()
            }
        }

        func close() throws(StorageError) {
            try files.call("close", path) { _ throws(StorageError) in }
        }
    }
}
