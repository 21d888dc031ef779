import ArgumentParser
import Catalog
import FoundationEssentials

/// `quire keys`: manages the keys of a data folder, which permit requests over HTTP.
///
/// ```sh
/// key=$(quire keys add importer --role write)
/// curl -H "Authorization: Bearer $key" --data-binary @new.jsonl …
/// ```
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, list and remove the keys of a data folder.",
        discussion: """
            A key is shown once, when it is made; only its SHA-256 is kept. A running server follows at once. Roles: \
            search (catalogs and documents are read), write (documents are changed and events sent, too), tune \
            (tunings are changed and reports read, too), admin (everything).
            """,
        subcommands: [Add.self, Scope.self, List.self, Remove.self])

    /// The data folder, for all subcommands.
    struct Options: ParsableArguments {
        @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
        var data = "quire-data"

        /// The keys of the data folder.
        var keys: AccessKeys { AccessKeys(DataFolder(data)) }
    }

    /// `quire keys add NAME`: writes a new key to standard output.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key and print it.")

        @OptionGroup var options: Options

        @Argument(help: "What you will know it by.")
        var name: String

        @Option(help: "What the key permits: search, write, tune or admin.")
        var role = AccessRole.admin

        func run() throws {
            print(try options.keys.add(name, role))
            Terminal.printStatus("store the key now: it is not shown again")
        }
    }

    /// `quire keys scope`: derives a key that shows a part of the documents from one on standard input.
    struct Scope: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Derive a key that shows a part of the documents, and print it.",
            discussion: """
                Reads the key to derive it from on standard input. The new key permits searches, as long as the other \
                one exists; what does not match its filter is neither found nor counted.
                """)

        @OptionGroup var options: Options

        @Option(help: "What documents match, in the syntax of the parameter filter.")
        var filter: String?

        @Option(help: "A catalog that it shows; repeatable. By default all.")
        var catalog: [String] = []

        @Option(help: "Seconds for which it is valid. By default as long as the other key exists.")
        var expiresIn: Int?

        func validate() throws {
            guard expiresIn ?? 1 > 0 else { throw ValidationError("--expires-in must be at least 1.") }
        }

        func run() throws {
            guard let key = readLine(), let access = try options.keys.access(of: key), access.scope == nil else {
                Terminal.printStatus("quire: standard input has no key of this data folder that others derive from")
                throw ExitCode(65)
            }
            let scope = AccessScope(catalogs: catalog.isEmpty ? nil : catalog, filter: filter)
            do throws(RequestProblem) {
                _ = try scope.parsedFilter()
            } catch {
                Terminal.printStatus("quire: --filter is not valid: \(error.detail); \(error.hint)")
                throw ExitCode(64)
            }
            let end = expiresIn.map { Int(Date().timeIntervalSince1970) + $0 }
            print(ScopedKey(scope, of: access.name, expires: end).text(signedBy: key))
        }
    }

    /// `quire keys list`: writes the name, the role and the creation time of each key.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the names and roles of the keys.")

        @OptionGroup var options: Options

        func run() throws {
            for entry in try options.keys.entries() {
                let day = Date(timeIntervalSince1970: Double(entry.created)).formatted(.iso8601)
                print("\(entry.name)\t\(entry.role.rawValue)\t\(day)")
            }
        }
    }

    /// `quire keys remove NAME`: revokes a key at once. Exit code 66 if there is no such key.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a key away.")

        @OptionGroup var options: Options

        @Argument(help: "The key's name.")
        var name: String

        func run() throws {
            guard try options.keys.remove(name) else {
                let names = try options.keys.entries().map(\.name).joined(separator: ", ")
                Terminal.printStatus("quire: there is no key \"\(name)\"; the keys are: \(names)")
                throw ExitCode(66)
            }
        }
    }
}

extension AccessRole: ExpressibleByArgument {}
