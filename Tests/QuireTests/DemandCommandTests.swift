import Foundation
import Testing

/// `quire eval --from-log`, run as a process.
@Suite struct DemandCommandTests {
    /// Without a server, the queries of a log weigh two profiles; what is asked most moves first.
    @Test func demandWeighsProfiles() throws {
        let commands = CommandTests()
        defer { commands.cleanUp() }
        let schema = """
            {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
              {"name": "text", "type": "text"}]}
            """
        let books = """
            {"id": "t", "title": "python snakes", "text": "animals"}
            {"id": "d", "title": "animals", "text": "python python"}
            {"id": "o", "title": "dune", "text": "desert"}
            """
        let indexed = try commands.quire([
            "index", "--data", commands.data, "--schema", try commands.file("schema.json", schema),
            "--profile", try commands.file("profile.json", #"{"weights": {"title": 5, "text": 0.1}}"#),
            try commands.file("books.jsonl", books),
        ])
        #expect(indexed.code == 0, "\(indexed)")
        let log = commands.data + "/.demand/books"
        try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: true)
        let today = Date.now.formatted(.iso8601.year().month().day())
        let searches = String(repeating: #"{"at":1,"query":"python","page":1,"found":2}"# + "\n", count: 3)
        // A line that a crash cut short.
        try Data((searches + #"{"at":1,"query":"dune","page":1}"# + "\n{\"at\":2,\"que").utf8)
            .write(to: URL(fileURLWithPath: log + "/searches-\(today)-0001.ndjson"))
        let new = try commands.file("new.json", #"{"weights": {"title": 0.1, "text": 5}}"#)
        let table = try commands.quire(["eval", "--data", commands.data, "--from-log", "7", "--against", new])
        #expect(table.code == 0, "\(table)")
        #expect(table.out.contains("4 searches; 2 queries with 4 of them"), "\(table)")
        #expect(table.out.contains("3 × python: 2 of 10 places"), "\(table)")
        #expect(table.out.contains("first ten differ for 75.0 % of the searches"), "\(table)")
        let json = try commands.quire([
            "eval", "--data", commands.data, "--from-log", "1", "--against", new, "--json", "--list", "1",
        ])
        let figures = try #require(JSONSerialization.jsonObject(with: Data(json.out.utf8)) as? [String: Any])
        #expect((figures["moved"] as? [Any])?.count == 1)
        #expect(figures["differing"] as? Double == 0.75)
        for options in [[], ["--from-log", "0"], ["--from-log", "7", "--unfinished"], ["--queries", "q.tsv"]] {
            #expect(try commands.quire(["eval", "--data", commands.data] + options).code == 64)
        }
    }
}
