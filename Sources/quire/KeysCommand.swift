import ArgumentParser
import Catalog
import FoundationEssentials

/// `quire keys`: who may change catalogs over HTTP.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and remove the admin keys of a data folder.",
        discussion: "A key is shown once, when it is made; only its SHA-256 is kept. A running server follows at once.",
        subcommands: [Add.self, List.self, Remove.self])

    struct Options: ParsableArguments {
        @Option(name: .shortAndLong, help: "The folder that holds the catalogs.")
        var data = "quire-data"

        var keys: AdminKeys { AdminKeys(DataFolder(data)) }
    }

    /// `quire keys add NAME`.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key and print it.")

        @OptionGroup var options: Options

        @Argument(help: "What you will know it by.")
        var name: String

        func run() throws {
            print(try options.keys.add(name))
            Terminal.tell("keep it: it is not shown again")
        }
    }

    /// `quire keys list`.
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

    /// `quire keys remove NAME`.
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a key away.")

        @OptionGroup var options: Options

        @Argument(help: "The key's name.")
        var name: String

        func run() throws {
            guard try options.keys.remove(name) else {
                let known = try options.keys.entries().map(\.name).joined(separator: ", ")
                Terminal.tell("quire: there is no key \"\(name)\"; there are: \(known)")
                throw ExitCode(66)
            }
        }
    }
}
