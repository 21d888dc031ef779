import ArgumentParser
import Shop

/// The program `quire-shop`: a bookshop beside the search server `quire`.
///
/// Results go to standard output, everything else to standard error.
@main
struct QuireShop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quire-shop", abstract: "A bookshop whose goods are searched by Quire.",
        discussion: """
            Settings come from a JSON file (--config) and from variables such as SHOP_HTTP_PORT, which stand above it; \
            secrets only from variables or from files of their own.
            """,
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, MigrateCommand.self, SeedCommand.self, GoodsCommand.self, FeedCommand.self,
            OrdersCommand.self, FlashCommand.self, JobsCommand.self, StatsCommand.self, BanCommand.self,
            KeysCommand.self,
        ])
}

/// `quire-shop serve`: plays roles until SIGINT or SIGTERM. Exit code 74 if it cannot, as when a port is in use.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the shop: all roles, or some.",
        discussion: "The roles are app (customers), admin (back office) and worker (background).")

    @OptionGroup var options: ShopOptions

    @Argument(help: "The roles of this process; all if there are none.")
    var roles: [Role] = Role.allCases

    func run() async throws {
        try await options.withServices(creates: true, exitCode: 74, for: { "cannot serve: \($0)" }) { services in
            try await Shop.run(Set(roles), services) { role, port in
                Terminal.printStatus("serving \(role.rawValue) at port \(port)")
            }
        }
    }
}

extension Role: ExpressibleByArgument {}

/// `quire-shop migrate`: brings the database to the newest schema.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Create the database, or bring it to the newest schema.")

    @OptionGroup var options: ShopOptions

    func run() async throws { try await options.withServices(creates: true) { _ in } }
}

/// `quire-shop seed`: fills the shop from files of the bundled catalog.
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed", abstract: "Add the goods of files such as Fixtures/catalog/*.jsonl.",
        discussion: "Goods that are there already are left alone.")

    @OptionGroup var options: ShopOptions

    @Argument(help: "The files.")
    var files: [String]

    func run() async throws {
        try await options.withServices(creates: true) { services in
            for file in files {
                let count = try await Seed(services.store, now: services.now).run(file: file)
                print("\(file): \(count) goods added")
            }
        }
    }
}

/// `quire-shop keys rotate`: gives the shop a new key for its tokens.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Manage the keys that sign tokens.", subcommands: [Rotate.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a key, which signs from the next start on; the last two still verify.")

        @OptionGroup var options: ShopOptions

        func run() async throws {
            let folder = try await options.loadExisting().data
            var ring = try KeyRing.open(in: folder)
            ring.rotate()
            try ring.save(in: folder)
            print("a new key signs from the next start of each process on")
        }
    }
}
