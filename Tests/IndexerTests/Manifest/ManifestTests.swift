import Analyzer
import FoundationEssentials
import OracleSupport
import Testing

@testable import Indexer

@Suite struct ManifestTests {
    private func manifest() throws -> Manifest {
        Manifest(
            generation: 3, sequence: 7, operations: 40, schema: try RandomCorpus.schema(),
            segments: [
                SegmentDescription(name: "1", documents: 5, bytes: 4096, checksum: 0xDEAD_BEEF),
                SegmentDescription(name: "12", documents: 0, bytes: .max, checksum: 0),
            ], payload: ["cursor": "41"])
    }

    @Test func roundTrip() throws {
        let manifest = try manifest()
        let read = try Manifest(manifest.bytes, path: "m")
        #expect(read.segments == manifest.segments && read.schema == manifest.schema)
        #expect(read.generation == 3 && read.sequence == 7 && read.operations == 40 && read.payload == ["cursor": "41"])
        #expect(read.bytes == manifest.bytes && read.checksum != 0)
        #expect(manifest.documents == 5)
        #expect(manifest.bytes == manifest.bytes, "equal manifests have equal bytes")
    }

    /// No single spoilt byte goes unnoticed, and the message names the file.
    @Test func everyFlippedByteIsNoticed() throws {
        let bytes = try manifest().bytes
        for at in bytes.indices {
            var spoilt = bytes
            spoilt[at] ^= 1 << UInt8(at % 8)
            let error = #expect(throws: IndexError.self) { try Manifest(spoilt, path: "the/path") }
            guard case .corrupt("the/path", "manifest", _, _)? = error else {
                Issue.record("byte \(at): \(String(describing: error))")
                continue
            }
        }
        for length in [0, 1, 15, 16, 17, bytes.count - 1] {
            #expect(throws: IndexError.self) { try Manifest(Array(bytes.prefix(length)), path: "m") }
        }
    }

    @Test func anotherFormatIsNamed() throws {
        var manifest = try manifest()
        manifest.format = 2
        #expect(throws: IndexError.format(path: "m", found: 2, supported: 3)) {
            try Manifest(manifest.bytes, path: "m")
        }
    }

    /// An index whose analyzer has changed is refused with its name, by readers and by writers that go on with it.
    @Test func aChangedAnalyzerIsNamed() throws {
        let home = try TemporaryFolder()
        let folder = IndexFolder(home.path + "/index")
        let options = AnalyzerOptions(stemmer: .english)
        let schema = try Schema(
            key: "id", fields: [Field("id", .keyword), Field("t", .text, analyzer: "mine")],
            analyzers: ["mine": options])
        try IndexWriter(folder, .empty(schema)).commit()
        var manifest = try #require(try folder.newestManifest())
        #expect(manifest.analyzers == ["mine": TextAnalyzer("mine", options).fingerprint])
        try manifest.checkAnalyzers("m")
        manifest.analyzers["mine"] = TextAnalyzer("mine", AnalyzerOptions()).fingerprint
        manifest.sequence += 1
        let path = folder.generationPath(1) + "/manifest-\(manifest.sequence)"
        try Data(manifest.bytes).write(to: URL(filePath: path))
        let refusal = IndexError.analyzer(path: folder.path, name: "mine")
        #expect(throws: refusal) { try IndexReader(folder) }
        #expect(throws: refusal) { try IndexWriter(folder, .current) }
        #expect("\(refusal)".contains("\"mine\"") && "\(refusal)".contains("quire index"))
    }

    @Test func fingerprintsTellOptionsApart() {
        let all = [
            AnalyzerOptions(), AnalyzerOptions(simplifies: false), AnalyzerOptions(dropsDiacritics: false),
            AnalyzerOptions(foldsKana: true), AnalyzerOptions(stemmer: .english), AnalyzerOptions(stopWords: .english),
            AnalyzerOptions(tokens: .whole),
        ]
        #expect(Set(all.map { TextAnalyzer("x", $0).fingerprint }).count == all.count)
        #expect(TextAnalyzer("x", AnalyzerOptions()).fingerprint == TextAnalyzer.standard.fingerprint)
        #expect(TextAnalyzer.peers.fingerprint != TextAnalyzer("x", TextAnalyzer.peers.options).fingerprint)
    }

    @Test(
        arguments: [
            (#""x": {"stemer": "english"}"#, "unknown member \"stemer\""), (#""default": {}"#, "exists already"),
            (#""x": {"stopWords": "finnish"}"#, "no stop words for finnish"),
            (#""x": {"stemmer": "klingon"}"#, "analyzers"),
        ])
    func declaredAnalyzersAreChecked(declared: String, problem: String) {
        let json = #"{"key": "id", "fields": [{"name": "id", "type": "keyword"}], "analyzers": {"# + declared + "}}"
        let error = #expect(throws: IndexError.self) { try Schema(json: Array(json.utf8)) }
        #expect(error.map { "\($0)".contains(problem) } ?? false, "\(String(describing: error))")
    }

    @Test func declaredAnalyzersAreKept() throws {
        let json =
            #"{"key": "id", "fields": [{"name": "id", "type": "keyword"}, "#
            + #"{"name": "t", "type": "text", "analyzer": "de"}], "#
            + #""analyzers": {"de": {"stemmer": "german", "dropsDiacritics": false}}}"#
        let schema = try Schema(json: Array(json.utf8))
        #expect(schema.analyzer("de")?.options == AnalyzerOptions(dropsDiacritics: false, stemmer: .german))
        #expect(try Schema(json: schema.json) == schema && schema.analyzer("none") == nil)
    }
}
