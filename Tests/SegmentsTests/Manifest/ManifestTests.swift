import Analyzer
import FoundationEssentials
import TestSupport
import Testing

@testable import Indexer
@testable import Segments

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
        #expect(read.segments == manifest.segments)
        #expect(read.schema == manifest.schema)
        #expect(read.generation == 3)
        #expect(read.sequence == 7)
        #expect(read.operations == 40)
        #expect(read.payload == ["cursor": "41"])
        #expect(read.bytes == manifest.bytes)
        #expect(read.checksum != 0)
        #expect(manifest.documents == 5)
        #expect(manifest.bytes == manifest.bytes, "equal manifests have equal bytes")
    }

    /// Every corrupted byte is detected, and the message names the file.
    @Test func everyFlippedByteIsDetected() throws {
        let bytes = try manifest().bytes
        for offset in bytes.indices {
            var corrupted = bytes
            corrupted[offset] ^= 1 << UInt8(offset % 8)
            let error = #expect(throws: IndexError.self) { try Manifest(corrupted, path: "the/path") }
            guard case .corrupt("the/path", "manifest", _, _)? = error else {
                Issue.record("byte \(offset): \(String(describing: error))")
                continue
            }
        }
        for length in [0, 1, 15, 16, 17, bytes.count - 1] {
            #expect(throws: IndexError.self) { try Manifest(Array(bytes.prefix(length)), path: "m") }
        }
    }

    @Test func otherFormatsAreRefused() throws {
        var manifest = try manifest()
        manifest.format = 2
        #expect(throws: IndexError.format(path: "m", found: 2, supported: 3)) {
            try Manifest(manifest.bytes, path: "m")
        }
    }

    /// An index whose analyzer has changed is refused with the analyzer's name, by readers and by writers that continue
    /// it.
    @Test func changedAnalyzersAreRefused() throws {
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
        let sentence =
            "\(folder.path) was built when the analyzer \"mine\" produced other tokens "
            + "(another version of Quire or ICU); rebuild it with `quire index`"
        #expect("\(refusal)" == sentence)
    }

    @Test func fingerprintsDifferByOptions() {
        let options = [
            AnalyzerOptions(), AnalyzerOptions(simplifies: false), AnalyzerOptions(dropsDiacritics: false),
            AnalyzerOptions(foldsKana: true), AnalyzerOptions(stemmer: .english), AnalyzerOptions(stopWords: .english),
            AnalyzerOptions(tokens: .whole),
        ]
        #expect(Set(options.map { TextAnalyzer("x", $0).fingerprint }).count == options.count)
        #expect(TextAnalyzer("x", AnalyzerOptions()).fingerprint == TextAnalyzer.standard.fingerprint)
        #expect(TextAnalyzer.peers.fingerprint != TextAnalyzer("x", TextAnalyzer.peers.options).fingerprint)
    }

    @Test(
        arguments: [
            (#""x": {"stemer": "english"}"#, "unknown member \"stemer\""), (#""default": {}"#, "exists already"),
            (#""x": {"stopWords": "finnish"}"#, "no stop words for finnish"),
            (#""x": {"stemmer": "klingon"}"#, "analyzers"),
        ])
    func invalidAnalyzersAreRefused(declared: String, problem: String) {
        let json = #"{"key": "id", "fields": [{"name": "id", "type": "keyword"}], "analyzers": {"# + declared + "}}"
        let error = #expect(throws: IndexError.self) { try Schema(json: Array(json.utf8)) }
        #expect(error.map { "\($0)".contains(problem) } ?? false, "\(String(describing: error))")
    }

    @Test func declaredAnalyzersRoundTrip() throws {
        let json =
            #"{"key": "id", "fields": [{"name": "id", "type": "keyword"}, "#
            + #"{"name": "t", "type": "text", "analyzer": "de"}], "#
            + #""analyzers": {"de": {"stemmer": "german", "dropsDiacritics": false}}}"#
        let schema = try Schema(json: Array(json.utf8))
        #expect(schema.analyzer("de")?.options == AnalyzerOptions(dropsDiacritics: false, stemmer: .german))
        #expect(try Schema(json: schema.json) == schema)
        #expect(schema.analyzer("none") == nil)
    }
}
