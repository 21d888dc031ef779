import ArgumentParser
import Catalog
import FoundationEssentials

/// `quire keys`: manages the admin keys of a data folder, which permit changes over HTTP.
///
/// ```sh
/// key=$(quire keys add importer)
/// curl -H "Authorization: Bearer $key" --data-binary @new.jsonl …
/// ```
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, list and remove the admin keys of a data folder.",
        discussion: "A key is shown once, when it is made; only its SHA-256 is kept. A running server follows at once.",
        subcommands: [Add.self, List.self, Remove.self])

    /// The data folder, for all subcommands.
    struct Options: ParsableArguments {
        @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
        var data = "quire-data"

        /// The keys of the data folder.
        var keys: AdminKeys { AdminKeys(DataFolder(data)) }
    }

    /// `quire keys add NAME`: writes a new key to standard output.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key and print it.")

        @OptionGroup var options: Options

        @Argument(help: "What you will know it by.")
        var name: String

        func run() throws {
            print(try options.keys.add(name))
            Terminal.printStatus("store the key now: it is not shown again")
        }
    }

    /// `quire keys list`: writes the name and the creation time of each key.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the names of the keys.")

        @OptionGroup var options: Options

        func run() throws {
            for entry in try options.keys.entries() {
                let day = Date(timeIntervalSince1970: Double(entry.created)).formatted(.iso8601)
                print("\(entry.name)\t\(day)")
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
