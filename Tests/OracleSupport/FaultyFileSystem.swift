import Glibc
import Kernels
public import Storage

/// Files in memory that forget what was not synced, fail on demand, and stop at any call: the disk of crash tests.
///
/// Bytes of a file survive a crash once they were synced; names of a folder survive once the folder was synced, in the
/// order in which they were changed. Every call counts, so that a test can stop at each in turn.
public final class FaultyFileSystem: FileSystem {
    /// What goes wrong.
    public enum Fault: Sendable, Equatable {
        case nothing
        /// From this call on nothing is done any more: the power is gone.
        case stop(at: Int)
        /// This call fails, with `errno`; writes are cut short. Calls after it succeed.
        case fail(at: Int, code: Int32)
    }

    /// What a crash leaves.
    public enum Crash: Sendable, CaseIterable {
        /// All that was written: the process ended, the machine went on.
        case keepsAll
        /// Only what was synced.
        case losesAll
        /// What was synced, and some of the rest: of each folder's changes the first few, of each file's bytes as well,
        /// perhaps with a hole.
        case losesSome
    }

    /// Only touched while the state is locked.
    private final class Inode: @unchecked Sendable {
        var bytes: [UInt8] = []
        var durable: [UInt8] = []
        /// A sync has failed: the system takes the bytes for written, and no later sync writes them.
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
        /// Changes of names since their folder was synced, in order.
        var journal: [(folder: String, changes: [(path: String, entry: Entry?)])] = []
        var locks: Set<String> = []
        var calls = 0
        var fault = Fault.nothing
        var isStopped = false
        /// Called before each call, and between the halves of a write.
        var watcher: (@Sendable () -> Void)?
    }

    private let state = Monitor(State())

    /// An empty disk.
    public init() {}

    /// Calls so far.
    public var calls: Int { state.withLock { $0.calls } }

    /// Whether `stop` was reached.
    public var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Sets what goes wrong; calls are counted from here on.
    public func set(_ fault: Fault) {
        state.withLock {
            $0.fault = fault
            $0.calls = 0
            $0.isStopped = false
        }
    }

    /// Has `watcher` called before each call, and between the halves of each write: where a crash may come. Not while
    /// it is running.
    public func watch(_ watcher: (@Sendable () -> Void)?) {
        state.withLock { $0.watcher = watcher }
    }

    private func tellWatcher() {
        state.withLock { $0.watcher }?()
    }

    /// All paths of files, sorted.
    public var allFiles: [String] {
        state.withLock { state in
            state.entries.compactMap { if case .file = $0.value { $0.key } else { nil } }.sorted()
        }
    }

    /// The bytes of a file; nil when there is none.
    public func bytes(of path: String) -> [UInt8]? {
        state.withLock { state in
            guard case .file(let inode)? = state.entries[path] else { return nil }
            return inode.bytes
        }
    }

    /// Changes the bytes of a file behind everyone's back.
    public func spoil(_ path: String, _ body: (inout [UInt8]) -> Void) {
        state.withLock { state in
            guard case .file(let inode)? = state.entries[path] else { return }
            body(&inode.bytes)
            inode.durable = inode.bytes
        }
    }

    /// The disk as it is found after a crash. Locks are gone, and so is what goes wrong.
    public func crashed(_ crash: Crash, seed: UInt64 = 0) -> FaultyFileSystem {
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
                copy.bytes = Self.survivor(of: inode, crash, &random)
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

    /// The names that a crash leaves.
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
    /// Counts a call, and lets it go wrong if it is its turn; `cut` is done when a failing write is cut short.
    private func call<T>(
        _ operation: String, _ path: String, cut: (inout State) -> Void = { _ in },
        _ body: (inout State) throws(StorageError) -> T
    ) throws(StorageError) -> T {
        tellWatcher()
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
    public func kind(_ path: String) throws(StorageError) -> FileKind? {
        try call("look at", path) { state throws(StorageError) in
            switch state.entries[path] {
            case .file?: .file
            case .folder?: .folder
            case nil: nil
            }
        }
    }

    /// See `FileSystem`.
    public func isDirectory(_ path: String) throws(StorageError) -> Bool { try kind(path) == .folder }

    private static func inode(_ path: String, _ state: State) throws(StorageError) -> Inode {
        guard case .file(let inode)? = state.entries[path] else { throw .missing(path: path) }
        return inode
    }

    /// See `FileSystem`.
    public func size(_ path: String) throws(StorageError) -> Int {
        try call("look at", path) { state throws(StorageError) in try Self.inode(path, state).bytes.count }
    }

    /// See `FileSystem`.
    public func makeDirectory(_ path: String) throws(StorageError) -> Bool {
        let folder = parent(of: path)
        return try call("make the folder", path) { state throws(StorageError) in
            if state.entries[path] != nil { return false }
            guard case .folder? = state.entries[folder] else { throw .missing(path: path) }
            Self.put(path, .folder, in: &state, folder: folder)
            return true
        }
    }

    /// See `FileSystem`.
    public func list(_ path: String) throws(StorageError) -> [String] {
        try call("list", path) { state throws(StorageError) in
            guard case .folder? = state.entries[path] else { throw .missing(path: path) }
            return state.entries.keys.filter { $0 != "/" && self.parent(of: $0) == path }
                .map { String($0.dropFirst(path == "/" ? 1 : path.count + 1)) }.sorted()
        }
    }

    /// See `FileSystem`.
    public func remove(_ path: String) throws(StorageError) {
        let folder = parent(of: path)
        try call("remove", path) { state throws(StorageError) in
            if case .folder? = state.entries[path] { throw .failed(operation: "remove", path: path, code: EISDIR) }
            if state.entries[path] != nil { Self.put(path, nil, in: &state, folder: folder) }
        }
    }

    /// See `FileSystem`.
    public func removeDirectory(_ path: String) throws(StorageError) {
        let folder = parent(of: path)
        try call("remove the folder", path) { state throws(StorageError) in
            if state.entries.keys.contains(where: { $0 != path && self.parent(of: $0) == path }) {
                throw .failed(operation: "remove the folder", path: path, code: ENOTEMPTY)
            }
            if state.entries[path] != nil { Self.put(path, nil, in: &state, folder: folder) }
        }
    }

    /// See `FileSystem`.
    public func rename(_ from: String, to: String) throws(StorageError) {
        let folder = parent(of: to)
        try call("rename", from) { state throws(StorageError) in
            guard let entry = state.entries[from] else { throw .missing(path: from) }
            state.entries[from] = nil
            state.entries[to] = entry
            state.journal.append((folder, [(from, nil), (to, entry)]))
        }
    }

    /// See `FileSystem`.
    public func link(_ from: String, to: String) throws(StorageError) {
        let folder = parent(of: to)
        try call("link", to) { state throws(StorageError) in
            let inode = try Self.inode(from, state)
            if state.entries[to] != nil { throw .failed(operation: "link", path: to, code: EEXIST) }
            Self.put(to, .file(inode), in: &state, folder: folder)
        }
    }

    /// See `FileSystem`.
    public func sync(_ path: String) throws(StorageError) {
        try call("sync", path, cut: { (try? Self.inode(path, $0))?.isForgotten = true }) { state throws(StorageError) in
            try Self.inode(path, state).sync()
        }
    }

    /// See `FileSystem`.
    public func syncDirectory(_ path: String) throws(StorageError) {
        try call("sync", path) { state throws(StorageError) in
            for (folder, changes) in state.journal where folder == path {
                for (path, entry) in changes { state.durable[path] = entry }
            }
            state.journal.removeAll { $0.folder == path }
        }
    }

    /// See `FileSystem`.
    public func truncate(_ path: String, to bytes: Int) throws(StorageError) {
        try call("truncate", path) { state throws(StorageError) in
            let inode = try Self.inode(path, state)
            inode.bytes = Array(inode.bytes.prefix(bytes))
            inode.durable = inode.bytes
        }
    }

    /// See `FileSystem`.
    public func create(_ path: String) throws(StorageError) -> any OutputFile {
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
    public func map(_ path: String) throws(StorageError) -> MappedFile {
        let bytes = try call("open", path) { state throws(StorageError) in try Self.inode(path, state).bytes }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 4096)
        memory.copyBytes(from: bytes)
        return MappedFile(path, bytes: UnsafeRawBufferPointer(memory)) { $0.deallocate() }
    }

    /// See `FileSystem`.
    public func lock(_ path: String) throws(StorageError) -> any FileLock {
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
            files.tellWatcher()
            files.state.withLock { _ in inode.bytes += bytes[(bytes.count / 2)...] }
        }

        func sync() throws(StorageError) {
            try files.call("sync", path, cut: { _ in inode.isForgotten = true }) { _ throws(StorageError) in
                inode.sync()
            }
        }

        func truncate(to bytes: Int) throws(StorageError) {
            try files.call("truncate", path) { _ throws(StorageError) in
                inode.bytes = Array(inode.bytes.prefix(bytes))
            }
        }

        func close() throws(StorageError) {
            try files.call("close", path) { _ throws(StorageError) in }
        }
    }
}
