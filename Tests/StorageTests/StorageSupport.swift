import Glibc
import Storage
import Testing

/// A folder for one test, removed with everything in it when the object is released.
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

    /// The number of descriptors of this process that are open on files in this folder.
    var openDescriptors: Int {
        var target = [CChar](repeating: 0, count: 4096)
        return (0..<1024).count { descriptor in
            let n = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
            guard n > 0 else { return false }
            return String(decoding: target[..<n].map(UInt8.init(bitPattern:)), as: UTF8.self).hasPrefix(path + "/")
        }
    }
}

/// True if two byte arrays are equal. Store the result in a constant before passing it to `#expect`, which otherwise
/// spends minutes on listing the differences of megabytes. (And `==` takes milliseconds in tests, which are not
/// optimized.)
func areSame(_ a: [UInt8]?, _ b: [UInt8]) -> Bool {
    guard let a else { return false }
    return a.count == b.count && memcmp(a, b, b.count) == 0
}

/// True if `bytes` is a prefix of `whole`; store the result as that of `areSame`.
func isPrefix(_ bytes: [UInt8], of whole: [UInt8]) -> Bool {
    bytes.count <= whole.count && memcmp(bytes, whole, bytes.count) == 0
}

/// Returns the error that `body` throws; records an issue when it throws none, or one of another type.
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
    /// The `errno` of a failed system call; nil for other errors.
    var code: Int32? {
        if case .failed(_, _, let code) = self { code } else { nil }
    }
}
