import CFuzzer
import Foundation

@testable import Catalog
@testable import Searching
@testable import Segments

/// Creates a small catalog on disk with a field of each kind to filter by; some documents lack values, some are
/// deleted.
private func makeSearcher() throws -> CatalogSearcher {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("quire-fuzz-\(getpid())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let schema = """
        {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
         {"name": "k", "type": "keyword", "multiple": true}, {"name": "p", "type": "keyword", "separator": "/"},
         {"name": "n", "type": "integer"}, {"name": "f", "type": "float"}, {"name": "d", "type": "date"},
         {"name": "m", "type": "price", "currency": "CNY"}, {"name": "b", "type": "boolean"}]}
        """
    let lines = (0..<200).map { i in
        var members = [#""id": "\#(i)", "title": "t\#(i % 3)""#]
        if i % 2 == 0 { members.append(#""k": ["a\#(i % 5)", "书\#(i % 7)", "`\\&|,[]()"]"#) }
        if i % 3 != 0 { members.append(#""p": "a/b\#(i % 4)/c""#) }
        if i % 5 != 0 { members.append(#""n": \#(i - 100)"#) }
        if i % 7 != 0 { members.append(#""f": \#(Double(i) / 8 - 3)"#) }
        if i % 4 != 0 { members.append(#""d": "20\#(10 + i % 20)-0\#(i % 9 + 1)-11T10:20""#) }
        if i % 6 != 0 { members.append(#""m": \#(i).\#(i % 10)"#) }
        if i % 2 != 0 { members.append(#""b": \#(i % 3 == 0)"#) }
        return "{" + members.joined(separator: ", ") + "}"
    }
    let file = folder + "/input.jsonl"
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: file))
    let job = IndexJob(files: [file], schema: try Schema(json: Array(schema.utf8)))
    _ = try job.run("fuzz", in: DataFolder(folder))
    return try DataFolder(folder).open("fuzz")
}

private let searcher: CatalogSearcher = {
    do { return try makeSearcher() } catch { fatalError("\(error)") }
}()

/// Returns the number of documents that pass; nil when the filter is refused.
private func countMatches(_ filter: String, _ facets: String = "") -> Int? {
    do {
        let request = try SearchRequest(parameters: [("filter", filter), ("facets", facets)])
        let reply = try searcher.search(request)
        for facet in reply.facets {
            let counts = (facet.values?.map(\.count) ?? []) + (facet.ranges?.map(\.count) ?? [])
            precondition(counts.allSatisfy { 0...200 ~= $0 })
        }
        return reply.found
    } catch is RequestProblem {
        return nil
    } catch CatalogError.request {
        return nil
    } catch {
        fatalError("\(error)")
    }
}

/// Searches with the input's first line as a filter, its second as facets. A filter and its negation together match
/// every document once.
private func tryFilter(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let passing = countMatches(lines[0], lines.count > 1 ? lines[1] : ""), passing < 200 else { return 0 }
    // Nil when the longer filter exceeds a limit.
    if let notPassing = countMatches("!(\(lines[0]))") { precondition(passing + notPassing == 200) }
    if let passingTwice = countMatches("(\(lines[0])) && (\(lines[0]))") { precondition(passingTwice == passing) }
    if let either = countMatches("(\(lines[0])) || !(\(lines[0]))") { precondition(either == 200) }
    return 0
}

@main
enum FuzzFilter {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, tryFilter))
    }
}
