import CFuzzer
import Foundation

@testable import Catalog
@testable import Searching
@testable import Segments

/// Creates a small catalog on disk that all inputs are searched in: fields of four analyzers with their companion
/// fields, and synonyms.
private func makeSearcher() throws -> CatalogSearcher {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("quire-fuzz-\(getpid())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let schema = """
        {"key": "id", "fields": [{"name": "id", "type": "keyword"},
         {"name": "title", "type": "text", "analyzer": "english"},
         {"name": "title_characters", "type": "text", "from": "title", "analyzer": "characters"},
         {"name": "title_whole", "type": "text", "from": "title", "analyzer": "whole"},
         {"name": "title_pinyin", "type": "text", "from": "title", "analyzer": "pinyin"},
         {"name": "title_initials", "type": "text", "from": "title", "analyzer": "initials"},
         {"name": "title_words", "type": "vocabulary", "from": "title"},
         {"name": "titles", "type": "suggestion", "from": "title", "kind": "title", "weight": "year"},
         {"name": "author_words", "type": "vocabulary", "from": "author"},
         {"name": "authors", "type": "suggestion", "from": "author", "kind": "author"},
         {"name": "author", "type": "text"},
         {"name": "author_pinyin", "type": "text", "from": "author", "analyzer": "pinyin"},
         {"name": "original", "type": "text", "analyzer": "japanese"},
         {"name": "original_characters", "type": "text", "from": "original", "analyzer": "kanji"},
         {"name": "german", "type": "text", "from": "title", "analyzer": "deutsch"},
         {"name": "tag", "type": "keyword"}, {"name": "year", "type": "integer"},
         {"name": "shelf", "type": "keyword", "separator": "/"}, {"name": "day", "type": "date"},
         {"name": "price", "type": "price", "currency": "CNY"}, {"name": "sold", "type": "boolean"}],
         "analyzers": {"deutsch": {"stemmer": "german", "stopWords": "german"},
          "kanji": {"tokens": "characters", "simplifies": false}}}
        """
    let profile = """
        {"weights": {"title": 3, "author": 1, "original": 2, "german": 1}, "synonyms": [
         {"words": ["python", "蟒蛇", "node js"]}, {"from": ["bank", "c++"], "to": ["人民银行", "书"]},
         {"words": ["ny", "new york", "the big apple"]}]}
        """
    let titles = [
        "中国人民银行", "C++ Primer", "Python编程", "Fluent Python", "Node.js in Action", "紅樓夢", "I ❤️ NY", "a b c d e f g",
        "Der Zauberberg", "Refrigerator KINGSA-240",
    ]
    let authors = ["rowling", "曹雪芹", "Harley Davidson", "", "the"]
    let originals = ["飛行機の本", "機", "カタカナ ひらがな", ""]
    let lines = titles.enumerated().map {
        #"{"id": "\#($0)", "title": "\#($1)", "author": "\#(authors[$0 % 5])", "#
            + #""original": "\#(originals[$0 % 4])", "tag": "t\#($0 % 3)", "year": \#($0), "shelf": "a/b\#($0 % 2)", "#
            + #""day": "2021-0\#($0 % 9 + 1)", "price": \#($0).5, "sold": \#($0 % 2 == 0)}"#
    }
    let file = folder + "/input.jsonl"
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: file))
    var job = IndexJob(files: [file], schema: try Schema(json: Array(schema.utf8)))
    job.profile = (Array(profile.utf8), "profile.json")
    _ = try job.run("fuzz", in: DataFolder(folder))
    return try DataFolder(folder).open("fuzz")
}

private let searcher: CatalogSearcher = {
    do { return try makeSearcher() } catch { fatalError("\(error)") }
}()

/// Searches with the input's first line as words, its second as filter, its third as order, its fourth as facets, its
/// fifth as the fields to highlight, and asks for suggestions for the words: whatever they are, the result is a reply
/// that can be encoded, or an error.
private func tryQuery(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let lines = text.split(separator: "\n", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    var parameters = [(name: "q", value: lines[0])]
    if lines.count > 1, !lines[1].isEmpty { parameters.append(("filter", lines[1])) }
    if lines.count > 2, !lines[2].isEmpty { parameters.append(("sort", lines[2])) }
    if lines.count > 3, !lines[3].isEmpty { parameters.append(("facets", lines[3])) }
    if lines.count > 4, !lines[4].isEmpty { parameters.append(("highlight", lines[4])) }
    if text.utf8.count % 5 == 0 { parameters.append(("explain", "true")) }
    if text.utf8.count % 3 == 0 { parameters.append(("prefix", text.utf8.count % 2 == 0 ? "last" : "none")) }
    guard let request = try? SearchRequest(parameters: parameters) else { return 0 }
    do {
        let reply = try searcher.search(request)
        precondition(reply.hits.count <= request.perPage && reply.found >= reply.hits.count)
        var json = JSONWriter()
        reply.write(to: &json)
        precondition(!json.hasInvalidNumber)
        var suggest = SuggestRequest(request.q)
        suggest.filter = request.filter
        for suggestion in try searcher.suggest(suggest).suggestions {
            for mark in suggestion.marks {
                precondition(0 <= mark[0] && mark[0] < mark[1] && mark[1] <= suggestion.text.utf16.count)
            }
        }
    } catch CatalogError.request {
    } catch {
        fatalError("\(error)")
    }
    return 0
}

@main
enum FuzzQuery {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, tryQuery))
    }
}
