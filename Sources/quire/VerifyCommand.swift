import ArgumentParser
import Catalog
import Indexer
import Storage

/// `quire export`: writes all documents of a catalog to standard output, one JSON object a line, with their versions.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write all documents of a catalog as lines of JSON.",
        discussion: "What `quire index`, `quire reindex --from` and POST /v1/CATALOG/documents accept.")

    @Argument(help: "The catalog's name.")
    var catalog: String

    @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
    var data = "quire-data"

    func run() async throws {
        let command = self
        try await LocalService.run(DataFolder(data)) { service in
            try await service.download("/v1/\(command.catalog)/export") { Terminal.write($0) }
        }
    }
}

/// `quire verify`: compares the documents of a catalog with an export, such as that of another server.
///
/// Exit codes: 1 if they differ.
///
/// ```sh
/// curl -s -H "Authorization: Bearer $key" http://other:8080/v1/books/export | quire verify books --against -
/// ```
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compare a catalog with an export, of another server or an earlier day.")

    @Argument(help: "The catalog's name.")
    var catalog: String

    @Option(help: "What `quire export` or GET /v1/CATALOG/export returned, a file, or `-` for standard input.")
    var against: String

    @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
    var data = "quire-data"

    @Flag(help: "Print the differences as JSON.")
    var json = false

    func run() async throws {
        let command = self
        try await LocalService.run(DataFolder(data)) { service in
            let source = try LineSource(command.against)
            let differences: DocumentDifferences = try await service.exchange(
                "/v1/\(command.catalog)/verify", { try source.next() })
            try differences.report(command.catalog, json: command.json)
            if !differences.isEmpty { throw ExitCode(1) }
        }
    }
}

extension DocumentDifferences {
    /// Prints the differences of a catalog.
    func report(_ catalog: String, json: Bool) throws {
        if json { return try Terminal.printJSON(self) }
        for example in examples { Terminal.printStatus("  \(example)") }
        print(
            "\(catalog): \(Terminal.grouped(compared)) documents compared: \(missing) missing, \(extra) extra, "
                + "\(stale) stale")
    }
}

/// A file, or standard input for `-`, that is read piece by piece.
final class LineSource {
    private let source: ByteSource

    /// The share of the file that was read, in bytes; nil if its size is not known.
    var share: (done: Int, all: Int)? { source.total.map { (source.consumed, $0) } }

    init(_ file: String) throws(CatalogError) {
        do { source = try ByteSource(file) } catch { throw .storage(error) }
    }

    /// Returns the next bytes; nil at the end.
    func next() throws(CatalogError) -> [UInt8]? {
        do {
            let piece = try [UInt8](unsafeUninitializedCapacity: 1 << 18) { room, count in
                guard let start = room.baseAddress else { return }
                count = try source.read(into: UnsafeMutableRawPointer(start), capacity: room.count)
            }
            return piece.isEmpty ? nil : piece
        } catch let error as StorageError {
            throw .storage(error)
        } catch {
            throw .input(.unusable(file: source.name, problem: "\(error)"))
        }
    }
}
