import FoundationEssentials

/// What an index consists of at one moment: the only file that says which segments count.
public struct Manifest: Codable, Sendable, Equatable {
    /// Raised whenever a manifest's members change their meaning.
    static let currentFormat = 3

    /// Format of this manifest.
    public var format = Manifest.currentFormat
    /// The generation it belongs to; a rebuild makes a new one.
    public var generation: Int
    /// Counts the manifests of a generation, from 1.
    public var sequence: Int
    /// Changes of the generation that it holds; those in the write-ahead logs with higher numbers follow.
    public var operations: Int
    /// The schema of all segments.
    public var schema: Schema
    /// Fingerprints of the text fields' analyzers, by name.
    public var analyzers: [String: String]
    /// The segments, oldest documents first.
    public var segments: [SegmentDescription]
    /// Versions of deleted documents; nil for none.
    var tombstones: TombstonesDescription?

    /// What the caller wants to come and go with the commit, such as a search profile.
    public var payload: [String: String] = [:]
    /// CRC-32C of the file it was read from; 0 for one that was not.
    public private(set) var checksum: UInt32 = 0

    enum CodingKeys: String, CodingKey {
        case format, generation, sequence, operations, schema, analyzers, segments, tombstones, payload
    }

    /// Documents in all segments, deleted ones included.
    public var documents: Int { segments.reduce(0) { $0 + $1.documents } }

    init(
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

    /// The files it needs, beside itself.
    var fileNames: Set<String> {
        var names: Set<String> = []
        for segment in segments {
            names.insert(segment.name + ".seg")
            if let changes = segment.changes { names.insert("\(segment.name)-\(changes.number).changes") }
        }
        if let tombstones { names.insert("tombstones-\(tombstones.number)") }
        return names
    }

    /// The file's bytes: JSON, a line break, and a line with the CRC-32C of what precedes it.
    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Numbers, strings and arrays always encode.
        var text = (try? encoder.encode(self)).map { Array($0) } ?? []
        text.append(UInt8(ascii: "\n"))
        return SealedText.seal(text)
    }

    /// Reads a manifest's bytes.
    ///
    /// Errors: `corrupt` when the checksum or the text is wrong, `format` when another version wrote it.
    init(_ bytes: [UInt8], path: String) throws(IndexError) {
        func damaged(_ problem: String) -> IndexError {
            .corrupt(file: path, section: "manifest", offset: 0, problem: problem)
        }
        guard let (text, checksum) = SealedText.open(bytes) else { throw damaged("its checksum does not match") }
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
        } catch let error as DecodingError {
            throw damaged(describe(error))
        } catch {
            throw damaged("\(error)")
        }
    }
}

extension Manifest {
    /// Refuses an index whose text was analysed otherwise than it would be now: its words could not be found.
    ///
    /// Errors: `analyzer`.
    func checkAnalyzers(_ path: String) throws(IndexError) {
        let now = schema.fingerprints
        for (name, fingerprint) in analyzers.sorted(by: { $0.key < $1.key }) where now[name] != fingerprint {
            throw .analyzer(path: path, name: name)
        }
    }
}

extension Schema {
    /// Fingerprints of the text fields' analyzers, by name.
    fileprivate var fingerprints: [String: String] {
        var all: [String: String] = [:]
        for field in fields where field.type == .text {
            all[field.analyzer] = analyzer(field.analyzer)?.fingerprint
        }
        return all
    }
}
