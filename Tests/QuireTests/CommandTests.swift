import Foundation
import Testing

/// End-to-end tests of the program, run as a process.
@Suite struct CommandTests {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("quire-\(UUID().uuidString)")
    var data: String { root.appendingPathComponent("data").path }

    /// The exit code and the output of a run.
    struct Outcome {
        var code: Int32
        var out: String
        var error: String
    }

    /// The program, which is built into the same folder as the tests.
    static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("quire")
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/catalog")

    private static let schema = """
        {"key": "id", "fields": [{"name": "id", "type": "keyword"}, {"name": "title", "type": "text"},
          {"name": "year", "type": "integer"}, {"name": "kind", "type": "keyword"}]}
        """

    func file(_ name: String, _ bytes: Data) throws -> String {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        let url = root.appendingPathComponent(name)
        try bytes.write(to: url)
        return url.path
    }

    func file(_ name: String, _ text: String) throws -> String { try file(name, Data(text.utf8)) }

    func quire(_ arguments: [String], input: String = "") throws -> Outcome {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        // Files instead of pipes: nobody has to read while the program writes.
        let streams = try ["in", "out", "err"].map { name in
            let path = try file("\(name)-\(UUID().uuidString)", name == "in" ? input : "")
            return (path, try #require(FileHandle(forUpdatingAtPath: path)))
        }
        process.standardInput = streams[0].1
        process.standardOutput = streams[1].1
        process.standardError = streams[2].1
        try process.run()
        process.waitUntilExit()
        return Outcome(
            code: process.terminationStatus, out: try String(contentsOfFile: streams[1].0, encoding: .utf8),
            error: try String(contentsOfFile: streams[2].0, encoding: .utf8))
    }

    private func index(_ files: [String], _ more: [String] = [], input: String = "") throws -> Outcome {
        let schema = try file("schema.json", Self.schema)
        return try quire(["index", "--data", data, "--schema", schema] + more + files, input: input)
    }

    func cleanUp() { try? FileManager.default.removeItem(at: root) }

    @Test func indexesSearchesChecksAndMerges() throws {
        defer { cleanUp() }
        let first = try index(["-"], input: #"{"id": "1", "title": "三体", "year": 2008}"# + "\n")
        #expect(first.code == 0, "\(first)")
        #expect(first.error.isEmpty, "\(first)")
        let more = try file("more.csv", "id,title,year,kind\n2,\"Dune, again\",1965,novel\n3,三体 II,2008,\n")
        #expect(try quire(["index", "--data", data, "--append", more]).code == 0)
        let found = try quire(["search", "--data", data, "三体", "--json"])
        #expect(found.code == 0)
        let reply = try #require(JSONSerialization.jsonObject(with: Data(found.out.utf8)) as? [String: Any])
        #expect(reply["found"] as? Int == 2)
        #expect(try quire(["search", "--data", data, "dune"]).out.contains("Dune, again"))
        #expect(try quire(["check", "--data", data]).out.contains("2 segments, 3 documents"))
        #expect(try quire(["merge", "--data", data]).code == 0)
        let check = try quire(["check", "--data", data])
        #expect(check.code == 0)
        #expect(check.out.contains("1 segment, 3 documents"))
        #expect(check.out.contains("clean"))
        #expect(try quire(["inspect", "--data", data]).out.contains("books: 3 documents"))
        #expect(try quire(["analyze", "Straße 人民银行"]).out.contains("strasse"))
    }

    @Test func indexesTheBundledCatalog() throws {
        defer { cleanUp() }
        let names = ["zh-books", "en-goodbooks", "cbeta", "edge-cases"]
        let files = names.map { Self.fixtures.appendingPathComponent($0 + ".jsonl").path }
        let lines = try files.reduce(0) {
            $0 + (try String(contentsOfFile: $1, encoding: .utf8)).split(separator: "\n").count
        }
        let outcome = try quire(
            ["index", "--data", data, "--json", "--schema", Self.fixtures.appendingPathComponent("schema.json").path]
                + ["--profile", Self.fixtures.appendingPathComponent("profile.json").path] + files)
        #expect(outcome.code == 0, "\(outcome)")
        let summary = try #require(JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [String: Any])
        #expect(summary["documents"] as? Int == lines)
        #expect(lines > 2000)
        #expect(try quire(["check", "--data", data]).code == 0)
    }

    @Test(
        "input that is not valid is described, and nothing is indexed",
        arguments: [
            (#"{"id": "1", "title": "cut o"#, "line 1: column 22: the text that begins here is not closed"),
            (#"{"id": "1", "year": "MMX"}"#, "line 1: \"year\" expects a whole number, found the text \"MMX\""),
            (#"{"id": "1", "title": 5}"#, "line 1: \"title\" expects text, found the number 5"),
            (#"{"title": "x"}"#, "line 1: the key \"id\" is missing"),
            (#"{"id": "1", "titel": "x"}"#, "line 1: no field of the schema reads \"titel\""),
            (#"{"id": "1"}"# + "\n" + #"{"id": "1"}"#, "line 2: the key \"1\" belongs to an earlier document"),
            ("[1]", "line 1: expected a JSON object"),
        ])
    func refusesRecords(_ input: String, _ message: String) throws {
        defer { cleanUp() }
        let outcome = try index(["-"], input: input)
        #expect(outcome.code == 65)
        #expect(outcome.error.contains("standard input, \(message)"), "\(outcome.error)")
        #expect(outcome.error.contains("nothing was indexed"))
        #expect(try quire(["search", "--data", data, "x"]).code == 66)
    }

    @Test func filesThatCannotBeReadAreRefused() throws {
        defer { cleanUp() }
        let missing = try index([root.path + "/nowhere.jsonl"])
        #expect(missing.code == 66)
        #expect(missing.error.contains("there is no \(root.path)/nowhere.jsonl"))
        let odd = try index([try file("books.txt", "")])
        #expect(odd.code == 65)
        #expect(odd.error.contains("--format"))
        // A gzip member that is truncated after its header.
        let cut = try file("cut.jsonl.gz", Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xCB, 0x48]))
        let outcome = try index([cut])
        #expect(outcome.code == 65, "\(outcome.error)")
        #expect(outcome.error.contains("ends in the middle of its compressed data"), "\(outcome.error)")
        #expect(try quire(["check", "--data", data]).code == 66)
    }

    @Test func foreignFoldersAreNotTouched() throws {
        defer { cleanUp() }
        try FileManager.default.createDirectory(atPath: data + "/books", withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: data + "/books/notes.txt"))
        let outcome = try index(["-"], input: #"{"id": "1"}"#)
        #expect(outcome.code == 69)
        #expect(outcome.error.contains("books/notes.txt is not Quire's"))
        #expect(outcome.error.contains("move it away"))
        #expect(try String(contentsOfFile: data + "/books/notes.txt", encoding: .utf8) == "mine")
    }

    /// Starts a writer that has locked the catalog and waits for more input.
    private func startWriter() throws -> (Process, Pipe) {
        let schema = try file("schema.json", Self.schema)
        let writer = Process()
        let input = Pipe()
        writer.executableURL = Self.program
        writer.arguments = ["index", "--data", data, "--schema", schema, "-"]
        writer.standardInput = input
        writer.standardError = FileHandle.nullDevice
        writer.standardOutput = FileHandle.nullDevice
        let before = generations()
        try writer.run()
        try input.fileHandleForWriting.write(contentsOf: Data((#"{"id": "new", "title": "new"}"# + "\n").utf8))
        while generations() == before, writer.isRunning { sched_yield() }
        return (writer, input)
    }

    private func generations() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: data + "/books/generations")) ?? []).sorted()
    }

    @Test func aSecondWriterIsRefusedAndAKilledOneLeavesNothing() throws {
        defer { cleanUp() }
        #expect(try index(["-"], input: #"{"id": "old", "title": "old"}"#).code == 0)
        let (writer, input) = try startWriter()
        let second = try index(["-"], input: #"{"id": "x"}"#)
        #expect(second.code == 75)
        #expect(second.error.contains("process \(writer.processIdentifier) is writing here"), "\(second.error)")
        #expect(try quire(["search", "--data", data, "old"]).out.hasPrefix("1 found"))
        kill(writer.processIdentifier, SIGKILL)
        writer.waitUntilExit()
        try input.fileHandleForWriting.close()
        #expect(generations() == ["1", "2"])
        #expect(try quire(["search", "--data", data, "new"]).out.hasPrefix("0 found"))
        #expect(try quire(["check", "--data", data]).code == 0)
        #expect(try index(["-"], input: #"{"id": "third", "title": "third"}"#).code == 0)
        // The files of the killed writer are removed.
        #expect(generations() == ["3"])
        #expect(try quire(["search", "--data", data, "third"]).out.hasPrefix("1 found"))
    }

    @Test func wrongUsageIsRefused() throws {
        defer { cleanUp() }
        #expect(try quire(["index", "x.jsonl", "--append", "--update"]).code == 64)
        #expect(try quire(["search", "--data", data, "x", "--sort", "a:b"]).code == 64)
        #expect(try quire(["analyze", "x", "--analyzer", "nope"]).error.contains("default, english"))
        let bad = try file("bad.json", #"{"key": "id", "fields": [{"name": "id", "type": "keyword", "anlyzer": "x"}]}"#)
        let outcome = try quire(["index", "--data", data, "--schema", bad, "-"])
        #expect(outcome.code == 65, "\(outcome.error)")
        #expect(outcome.error.contains("unknown member \"anlyzer\""), "\(outcome.error)")
        #expect(try quire(["serve", "--data", data]).code == 66)
        #expect(try quire(["serve", "--data", data, "--port", "70000"]).code == 64)
        let odd = try file("odd.json", #"{"key": "id", "fields": [{"name": "id", "type": "string"}]}"#)
        let type = try quire(["index", "--data", data, "--schema", odd, "-"])
        #expect(type.code == 65, "\(type.error)")
        #expect(type.error.contains("\"string\" is none of: text, keyword"), "\(type.error)")
        let merge = try quire(["merge", "--data", data, "--catalog", "boks"])
        #expect(merge.code == 66)
        #expect(!FileManager.default.fileExists(atPath: data + "/boks"))
    }

    @Test func checkFindsCorruptSegments() throws {
        defer { cleanUp() }
        #expect(try index(["-"], input: #"{"id": "1", "title": "三体"}"#).code == 0)
        let path = data + "/books/generations/1/1.seg"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: path))
        let check = try quire(["check", "--data", data])
        #expect(check.code == 1, "\(check)")
        #expect(check.error.contains("1.seg is corrupt"), "\(check)")
    }

    @Test func measuresRankings() throws {
        defer { cleanUp() }
        let judged = Self.fixtures.deletingLastPathComponent().appendingPathComponent("judged")
        func path(_ name: String) -> String { judged.appendingPathComponent(name).path }
        let indexed = try quire([
            "index", "--data", data, "--catalog", "zh", "--schema", path("schema.json"), path("xquad-zh/docs.jsonl.gz"),
        ])
        #expect(indexed.code == 0, "\(indexed)")
        let profile = try file("plain.json", #"{"weights": {"text": 1}, "ranking": {"characters": 0}}"#)
        let html = root.appendingPathComponent("report.html").path
        let judgments = ["--queries", path("xquad-zh/queries.tsv"), "--judgments", path("xquad-zh/qrels.tsv")]
        let measure = ["eval", "--data", data, "--catalog", "zh"] + judgments
        let both = try quire(measure + ["--against", profile, "--html", html, "--json"])
        #expect(both.code == 0, "\(both)")
        #expect(both.error.isEmpty, "\(both)")
        let figures = try #require(JSONSerialization.jsonObject(with: Data(both.out.utf8)) as? [String: Any])
        let profiles = try #require(figures["profiles"] as? [[String: Any]])
        let values = profiles.compactMap { ($0["measures"] as? [String: Double])?["ndcg10"] }
        try #require(values.count == 2)
        #expect(values[0] > values[1])
        #expect(values[1] > 0.9)
        #expect(try String(contentsOfFile: html, encoding: .utf8).contains("</html>"))
        let run = root.appendingPathComponent("zh.run").path
        let table = try quire(measure + ["--list", "2", "--run", run])
        #expect(table.code == 0, "\(table)")
        #expect(table.out.hasPrefix("zh: 592 queries\n"), "\(table)")
        let lines = try String(contentsOfFile: run, encoding: .utf8).split(separator: "\n")
        #expect(Set(lines.map { $0.prefix { $0 != " " } }).count == 592)
        #expect(lines.allSatisfy { $0.split(separator: " ").count == 6 })
        let wrong = try quire(measure + ["--html", root.path + "/none/report.html"])
        #expect(wrong.code == 65, "\(wrong)")
        #expect(wrong.error.contains("none/report.html"), "\(wrong)")
        let swapped = try quire([
            "eval", "--data", data, "--catalog", "zh", "--queries", path("xquad-zh/qrels.tsv"), "--judgments",
            path("xquad-zh/queries.tsv"),
        ])
        #expect(swapped.code == 65, "\(swapped)")
        #expect(swapped.error.contains("queries.tsv:1"), "\(swapped)")
    }
}
