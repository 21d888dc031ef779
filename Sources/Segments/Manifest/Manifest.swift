import FoundationEssentials

/// The content of an index at one commit: the only file that determines which segments belong to it.
///
/// Manifests are immutable once published. Equal manifests have equal bytes.
package struct Manifest: Codable, Sendable, Equatable {
    /// The version of the format; raised whenever the members of a manifest change their meaning.
    static let currentFormat = 3

    /// The format of this manifest.
    package var format = Manifest.currentFormat
    /// The generation that the manifest belongs to; a rebuild creates a new one.
    package var generation: Int
    /// The number of the manifest within its generation, from 1.
    package var sequence: Int
    /// The number of changes of the generation that the segments hold; those in the write-ahead logs with higher
    /// numbers follow.
    package var operations: Int
    /// The schema of all segments.
    package var schema: Schema
    /// The fingerprints of the text fields' analyzers, by name.
    package var analyzers: [String: String]
    /// The segments, oldest documents first.
    package var segments: [SegmentDescription]
    /// The file with the versions of deleted documents; nil when there are none.
    package var tombstones: TombstonesDescription?

    /// Data of the caller that is committed and replaced together with the documents, such as a search profile.
    package var payload: [String: String] = [:]
    /// The CRC-32C of the file that the manifest was read from; 0 for one that was not read.
    package private(set) var checksum: UInt32 = 0

    enum CodingKeys: String, CodingKey {
        case format, generation, sequence, operations, schema, analyzers, segments, tombstones, payload
    }

    /// The number of documents in all segments, deleted ones included.
    package var documents: Int { segments.reduce(0) { $0 + $1.documents } }

    /// Creates a manifest with the fingerprints that the schema's analyzers have now.
    package init(
        generation: Int, sequence: Int, operations: Int, schema: Schema, segments: [SegmentDescription],
        payload: [String: String] = [:]
    ) {
        self.generation = generation
        self.sequence = sequence
        self.operations = operations
        self.schema = schema
        analyzers = schema.fingerprints
        self.segments = segments
        self.payload = payload
    }

    /// The names of the files that the index needs besides this manifest.
    package var fileNames: Set<String> {
        var names: Set<String> = []
        for segment in segments {
            names.insert(segment.name + ".seg")
            if let updates = segment.changes { names.insert("\(segment.name)-\(updates.number).changes") }
        }
        if let tombstones { names.insert("tombstones-\(tombstones.number)") }
        return names
    }

    /// The content of the manifest's file: JSON, a line break, and a line with the CRC-32C of what precedes it.
    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Numbers, strings and arrays always encode.
        var text = (try? encoder.encode(self)).map { Array($0) } ?? []
        text.append(UInt8(ascii: "\n"))
        return ChecksummedText.seal(text)
    }

    /// Decodes the content of a manifest's file; `path` is for messages.
    ///
    /// Errors: `corrupt` when the checksum or the text is wrong, `format` when another version wrote it.
    package init(_ bytes: [UInt8], path: String) throws(IndexError) {
        func corrupt(_ problem: String) -> IndexError {
            .corrupt(file: path, section: "manifest", offset: 0, problem: problem)
        }
        guard let (text, checksum) = ChecksummedText.open(bytes) else { throw corrupt("its checksum does not match") }
        struct Version: Codable { var format: Int }
        do {
            let version = try JSONDecoder().decode(Version.self, from: Data(text)).format
            guard version == Manifest.currentFormat else {
                throw IndexError.format(path: path, found: version, supported: Manifest.currentFormat)
            }
            self = try JSONDecoder().decode(Manifest.self, from: Data(text))
            self.checksum = checksum
        } catch let error as IndexError {
            throw error
        } catch {
            throw corrupt(describe(error))
        }
    }
}

extension Manifest {
    /// Refuses an index whose text was analyzed otherwise than it would be now: its terms could not be matched. `path`
    /// is for the message.
    ///
    /// Errors: `analyzer`.
    package func checkAnalyzers(_ path: String) throws(IndexError) {
        let current = schema.fingerprints
        for (name, fingerprint) in analyzers.sorted(by: { $0.key < $1.key }) where current[name] != fingerprint {
            throw .analyzer(path: path, name: name)
        }
    }
}

extension Schema {
    /// The fingerprints of the text fields' analyzers, by name.
    fileprivate var fingerprints: [String: String] {
        var fingerprintOfName: [String: String] = [:]
        for field in fields where field.type == .text {
            fingerprintOfName[field.analyzer] = analyzer(field.analyzer)?.fingerprint
        }
        return fingerprintOfName
    }
}
