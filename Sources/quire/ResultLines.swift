/// The result lines of an upload: counts the results, and keeps the first lines of documents that were not taken.
struct ResultLines {
    /// The number of documents that were added.
    private(set) var created = 0
    /// The number of documents that replaced another one.
    private(set) var updated = 0
    /// The number of documents that were not taken.
    private(set) var failed = 0
    /// The lines of the first of them.
    private(set) var failures: [String] = []
    private var rest: [UInt8] = []

    /// The maximum number of lines that are kept.
    private static let maxFailures = 20

    /// Counts the results of a piece of the reply.
    mutating func append(_ piece: [UInt8]) {
        rest += piece
        var start = 0
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            count(String(decoding: rest[start..<end], as: UTF8.self))
            start = end + 1
        }
        rest.removeSubrange(..<start)
    }

    private mutating func count(_ line: String) {
        if line.contains("\"result\":\"created\"") { created += 1 }
        if line.contains("\"result\":\"updated\"") { updated += 1 }
        guard line.contains("\"result\":\"failed\"") else { return }
        failed += 1
        if failures.count < Self.maxFailures { failures.append(line) }
    }
}
