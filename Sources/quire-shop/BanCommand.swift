import ArgumentParser
import Shop

/// `quire-shop ban`: manages the networks that may not use the shop. Running processes follow at once.
struct BanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ban", abstract: "Ban networks, and end bans.",
        subcommands: [Add.self, Remove.self, List.self])

    /// `quire-shop ban add NETWORK`: bans an address or a network.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ban an address or a network.")

        @OptionGroup var options: ShopOptions

        @Argument(help: "An address, or a network such as 203.0.113.0/24.")
        var network: String

        @Option(help: "The reason, for whoever looks at the list.")
        var reason = ""

        @Option(help: "The hours of the ban; without end if this is left out.")
        var hours: Int?

        func run() async throws {
            try await options.withServices { services in
                let until = hours.map { services.now() + Int64($0) * 3_600_000 }
                try await services.ban(Ban(network: network, reason: reason, until: until))
            }
        }
    }

    /// `quire-shop ban remove NETWORK`: ends a ban. Exit code 66 if there is none.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a ban.")

        @OptionGroup var options: ShopOptions

        @Argument(help: "The network, as the list has it.")
        var network: String

        func run() async throws {
            try await options.withServices { services in
                guard try await services.unban(network) else {
                    Terminal.printStatus("quire-shop: \(network) is not banned")
                    throw ExitCode(66)
                }
            }
        }
    }

    /// `quire-shop ban list`: a line for each ban of staff.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the bans.")

        @OptionGroup var options: ShopOptions

        func run() async throws {
            try await options.withServices { services in
                for ban in try await services.listBans() {
                    print("\(ban.network)\t\(ban.until.map { "\($0)" } ?? "without end")\t\(ban.reason)")
                }
            }
        }
    }
}
