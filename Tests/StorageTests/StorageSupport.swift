import Glibc
import Storage
import Testing

/// A folder of a test's own, removed with everything in it at the end.
final class TemporaryFolder {
    let path: String

    init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/quire-storage-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? ""
        precondition(!path.isEmpty, "no temporary folder")
    }

    deinit { try? PosixFileSystem().removeTree(path) }

    subscript(name: String) -> String { path + "/" + name }

    /// Writes a file without help from the module under test.
    func write(_ bytes: [UInt8], to name: String) {
        let descriptor = open(self[name], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        precondition(descriptor >= 0)
        var done = 0
        while done < bytes.count {
            let n = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done) }
            precondition(n > 0)
            done += n
        }
        close(descriptor)
    }

    /// Reads a file without help from the module under test; nil when it cannot be opened.
    func read(_ name: String) -> [UInt8]? {
        let descriptor = open(self[name], O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let n = Glibc.read(descriptor, &piece, piece.count)
            guard n > 0 else { return bytes }
            bytes += piece[..<n]
        }
    }

    /// The number of this process's descriptors that are open on files of this folder.
    var openDescriptors: Int {
        var target = [CChar](repeating: 0, count: 4096)
        return (0..<1024).count { descriptor in
            let n = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
            guard n > 0 else { return false }
            return String(decoding: target[..<n].map(UInt8.init(bitPattern:)), as: UTF8.self).hasPrefix(path + "/")
        }
    }
}

/// Whether two runs of bytes are the same. Take the answer to a constant before `#expect` sees it: it would list the
/// differences of megabytes for minutes. (And `==` takes milliseconds in tests, which are not optimised.)
func areSame(_ a: [UInt8]?, _ b: [UInt8]) -> Bool {
    guard let a else { return false }
    return a.count == b.count && memcmp(a, b, b.count) == 0
}

/// Whether `whole` begins with `bytes`; the same holds.
func isPrefix(_ bytes: [UInt8], of whole: [UInt8]) -> Bool {
    bytes.count <= whole.count && memcmp(bytes, whole, bytes.count) == 0
}

/// The error that `body` throws; records an issue when it throws none, or another kind.
func storageError(from body: () throws -> Void, at location: SourceLocation = #_sourceLocation) -> StorageError? {
    do {
        try body()
        Issue.record("nothing was thrown", sourceLocation: location)
    } catch let error as StorageError {
        return error
    } catch {
        Issue.record("not a StorageError: \(error)", sourceLocation: location)
    }
    return nil
}

extension StorageError {
    /// `errno` of a failed call.
    var code: Int32? {
        if case .failed(_, _, let code) = self { code } else { nil }
    }
}
