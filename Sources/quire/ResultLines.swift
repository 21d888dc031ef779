import ArgumentParser
import FoundationEssentials

/// The result lines of an upload: counts the results, and keeps the first of the documents that were not taken.
struct ResultLines {
    /// The number of results.
    private(set) var count = 0
    /// The number of documents that were added.
    private(set) var created = 0
    /// The number of documents that replaced another one.
    private(set) var updated = 0
    /// The number of documents that were not taken, by the code of the reason.
    private(set) var failed: [String: Int] = [:]
    /// The first of them, each with the reason.
    private(set) var failures: [String] = []
    private var rest: [UInt8] = []

    /// The maximum number of failures that are kept.
    private static let maxFailures = 20

    /// A result that is an error.
    private struct Failure: Decodable {
        struct Reason: Decodable {
            var code: String
            var detail: String
        }

        var id: String?
        var line: Int?
        var error: Reason
    }

    /// Counts the results of a piece of the reply.
    mutating func append(_ piece: [UInt8]) {
        rest += piece
        var start = 0
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            count(rest[start..<end])
            start = end + 1
        }
        rest.removeSubrange(..<start)
    }

    /// The number of documents that were not taken for what they are.
    var unusable: Int {
        ["bad_document", "document_exists", "line_too_long"].reduce(0) { $0 + (failed[$1] ?? 0) }
    }

    /// The exit code for the documents that were not taken: 65 if they cannot be used, 74 for a full disk, 75 if they
    /// can be sent again; nil if all were taken.
    var exitCode: ExitCode? {
        let all = failed.values.reduce(0, +)
        if unusable < all { return ExitCode(failed["disk_full"] == nil ? 75 : 74) }
        return all > 0 ? ExitCode(65) : nil
    }

    private mutating func count(_ line: ArraySlice<UInt8>) {
        count += 1
        let text = String(decoding: line, as: UTF8.self)
        if text.contains("\"result\":\"created\"") { created += 1 }
        if text.contains("\"result\":\"updated\"") { updated += 1 }
        guard text.contains("\"result\":\"failed\"") else { return }
        let failure = try? JSONDecoder().decode(Failure.self, from: Data(line))
        failed[failure?.error.code ?? "", default: 0] += 1
        guard failures.count < Self.maxFailures else { return }
        let place = failure?.id.map { "the document \"\($0)\"" } ?? "document \(failure?.line ?? count)"
        failures.append("\(place): \(failure?.error.detail ?? text)")
    }
}
