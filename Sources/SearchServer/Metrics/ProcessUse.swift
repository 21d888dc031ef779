import Glibc

/// The part of its machine that the process uses, as the system tells it in `/proc/self`; nil where it does not.
struct ProcessUse {
    /// The bytes of memory that no file backs.
    var anonymousBytes: Int?
    /// The number of threads.
    var threads: Int?
    /// The number of open files and sockets.
    var descriptors: Int?

    /// Reads the current values.
    init() {
        for line in Self.read("/proc/self/status").split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, let value = Int(words[1]) else { continue }
            switch words[0] {
            case "RssAnon:": anonymousBytes = value << 10
            case "Threads:": threads = value
            default: break
            }
        }
        descriptors = Self.entries("/proc/self/fd")
    }

    /// The text of a file of at most a page.
    private static func read(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { room in
            String(decoding: room[..<max(Glibc.read(file, room.baseAddress, room.count), 0)], as: UTF8.self)
        }
    }

    /// The number of entries of a folder, without `.`, `..` and the one that reading it takes.
    private static func entries(_ path: String) -> Int? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count = -3
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
