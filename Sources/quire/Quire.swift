import ArgumentParser
import Catalog
import Segments

/// The program `quire`: parses the command line, runs a command and converts errors to exit codes.
///
/// Results go to standard output, everything else to standard error. Commands with `--json` write one JSON value, whose
/// members keep their names.
@main
struct Quire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quire", abstract: "Full-text search for catalogs, Chinese and English.",
        discussion: """
            Exit codes: 0 done · 1 check found problems · 64 wrong usage · 65 input that cannot be used · 66 nothing \
            there to read · 69 the index is corrupt or not Quire's · 74 a file operation failed · 75 another process \
            is writing.
            """,
        version: "0.1.0",
        subcommands: [
            CreateCommand.self, IndexCommand.self, SchemaCommand.self, SearchCommand.self, AnalyzeCommand.self,
            InspectCommand.self, CheckCommand.self, MergeCommand.self, ReindexCommand.self, ExportCommand.self,
            VerifyCommand.self, ServeCommand.self, StatusCommand.self, KeysCommand.self, BackupCommand.self,
            RestoreCommand.self, TuneCommand.self, EvalCommand.self, MeasureCommand.self,
        ])

    static func main() async {
        await run(arguments: nil)
    }

    /// Runs a command, of the process's own arguments if `arguments` is nil. An error of a catalog is written to
    /// standard error as one sentence, and the process exits with its code.
    static func run(arguments: [String]?) async {
        do {
            var arguments = arguments ?? Array(CommandLine.arguments.dropFirst())
            if arguments.first == "serve", !arguments.contains("--help"), !arguments.contains("-h") {
                arguments = ["serve"] + (try ServeConfiguration.arguments(Array(arguments.dropFirst())))
            }
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as CatalogError {
            Terminal.printStatus("quire: \(error)")
            exit(withError: ExitCode(error.exitCode))
        } catch let problem as ServeConfiguration.Problem {
            Terminal.printStatus("quire: \(problem)")
            exit(withError: ExitCode(64))
        } catch {
            exit(withError: error)
        }
    }
}

extension CatalogError {
    /// The exit code of the kind of error, from `sysexits.h`; `quire help` lists the codes.
    var exitCode: Int32 {
        switch self {
        case .index(let error): return error.exitCode
        case .input(.source(let error, _)), .storage(let error): return error.exitCode
        case .input, .badRecords, .profile, .evaluation, .keys: return 65
        case .name, .request, .cursorExpired, .exists, .schemaGiven, .outdatedRevision: return 64
        case .unknown, .unknownRevision: return 66
        case .unavailable, .tuning: return 69
        case .tooManyCursors: return 75
        }
    }
}

extension IndexError {
    /// The exit code of an error of the engine.
    var exitCode: Int32 {
        switch self {
        case .storage(let error): return error.exitCode
        case .schema, .document: return 65
        case .corrupt, .foreign, .format, .analyzer: return 69
        case .empty: return 66
        case .request, .searchAfterMismatch: return 64
        case .stopped, .rebuilt, .busy: return 74
        }
    }
}
