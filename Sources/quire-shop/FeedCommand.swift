import ArgumentParser
import NIOCore
import Shop

/// `quire-shop feed`: shows, proves and repairs what the search servers have.
struct FeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed", abstract: "Show, verify and replay what search has of the goods.",
        subcommands: [Status.self, Verify.self, Replay.self, Export.self])

    /// `quire-shop feed status`: a line for each target.
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print how far each search server is.")

        @OptionGroup var options: ShopOptions

        func run() async throws {
            try await options.withServices { services in
                for status in try await services.feed.status() {
                    let cursor = status.cursor.map { "\($0)" } ?? "never fed"
                    print("\(status.target): \(cursor) of \(status.last), \(status.dead) refused")
                    for reason in status.deadReasons { print("  \(reason)") }
                }
            }
        }
    }

    /// `quire-shop feed verify TARGET`: exit code 1 if search differs from the database.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Compare a search server with the database.")

        @OptionGroup var options: ShopOptions

        @Argument(help: "The name of the target.")
        var target: String

        func run() async throws {
            try await options.withServices { services in
                let difference = try await services.feed.verify(target)
                print(
                    "missing \(difference.missing.count), extra \(difference.extra.count), "
                        + "stale \(difference.stale.count)")
                if !difference.isEmpty { throw ExitCode(1) }
            }
        }
    }

    /// `quire-shop feed replay TARGET`: sends all goods again.
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send all goods to a search server again, and delete what is not on sale.")

        @OptionGroup var options: ShopOptions

        @Argument(help: "The name of the target.")
        var target: String

        func run() async throws {
            try await options.withServices { services in try await services.feed.replay(target) }
        }
    }

    /// `quire-shop feed export`: writes the documents of all goods, for a search server that is built anew.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the documents of all goods on sale to standard output, one a line.")

        @OptionGroup var options: ShopOptions

        func run() async throws {
            try await options.withServices { services in
                try await services.feed.export { lines in print(String(buffer: lines), terminator: "") }
            }
        }
    }
}
