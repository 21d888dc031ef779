import OracleSupport
import Testing

@testable import Indexer

@Suite struct ManifestTests {
    private func manifest() throws -> Manifest {
        Manifest(
            generation: 3, sequence: 7, schema: try RandomCorpus.schema(),
            segments: [
                SegmentDescription(name: "1", documents: 5, bytes: 4096, checksum: 0xDEAD_BEEF),
                SegmentDescription(name: "12", documents: 0, bytes: .max, checksum: 0),
            ], payload: ["cursor": "41"])
    }

    @Test func roundTrip() throws {
        let manifest = try manifest()
        let read = try Manifest(manifest.bytes, path: "m")
        #expect(read.segments == manifest.segments && read.schema == manifest.schema)
        #expect(read.generation == 3 && read.sequence == 7 && read.payload == ["cursor": "41"])
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
        #expect(throws: IndexError.format(path: "m", found: 2, supported: 1)) {
            try Manifest(manifest.bytes, path: "m")
        }
    }
}
