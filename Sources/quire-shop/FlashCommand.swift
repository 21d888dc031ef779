import ArgumentParser
import FoundationEssentials
import Shop

/// `quire-shop flash`: flash sales. Exit code 65 for what cannot be done.
struct FlashCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flash", abstract: "Publish, list, prove and close flash sales.",
        subcommands: [Publish.self, List.self, Seed.self, Reconcile.self, Close.self])

    /// `quire-shop flash publish`: prints the id of the sale.
    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take units from the stock of goods, and sell them for a while, one to a person.")

        @OptionGroup var options: ShopOptions

        @Option(help: "The id of the goods.")
        var goods: Int

        @Option(help: "The price of a unit: fen, or yuan with a point, such as 9.90.")
        var price: String

        @Option(help: "The number of units.")
        var stock: Int

        @Option(help: "The start, such as 2027-01-15T12:00:00Z.")
        var start: String

        @Option(help: "The end.")
        var end: String

        func run() async throws {
            guard let fen = price.contains(".") ? Yuan.fen(price) : Int(price) else {
                throw ValidationError("--price is fen, or yuan with a point and two places at most")
            }
            let (from, until) = (try time(start, "start"), try time(end, "end"))
            try await options.withSales { sales in
                let id = try await sales.publish(goods: goods, price: fen, stock: stock, from: from, until: until)
                Terminal.printResult("\(id)")
            }
        }

        private func time(_ text: String, _ name: String) throws -> Milliseconds {
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw ValidationError("--\(name) is a time such as 2027-01-15T12:00:00Z")
            }
            return Milliseconds(date.timeIntervalSince1970 * 1000)
        }
    }

    /// `quire-shop flash list`: a JSON object for each sale.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the sales, the newest first, one JSON object a line.")

        @OptionGroup var options: ShopOptions

        func run() async throws {
            try await options.withSales { sales in
                for sale in try await sales.list() { print(sale) }
            }
        }
    }

    /// `quire-shop flash seed`: what a worker does by itself when Redis was lost.
    struct Seed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make Redis know a sale as the database has it, with its buyers.")

        @OptionGroup var chosen: ChosenSale

        func run() async throws { try await chosen.run { try await $0.seed($1) } }
    }

    /// `quire-shop flash reconcile`: exit code 1 if units are missing, or there twice.
    struct Reconcile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare a sale's units in Redis, in the stream and in orders with those that it got.")

        @OptionGroup var chosen: ChosenSale

        func run() async throws {
            try await chosen.run { sales, sale in
                let balance = try await sales.reconcile(sale)
                print(balance)
                if balance.difference != 0 { throw ExitCode(1) }
            }
        }
    }

    /// `quire-shop flash close`: waits until claims are orders; the rest of the units returns to the goods.
    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a sale, and return what nobody has ordered to the goods.")

        @OptionGroup var chosen: ChosenSale

        func run() async throws { try await chosen.run { try await $0.close($1) } }
    }

    /// The arguments of the commands for one sale.
    struct ChosenSale: ParsableArguments {
        @OptionGroup var options: ShopOptions

        @Argument(help: "The id of the sale.")
        var sale: Int

        func run(_ body: (FlashSales, Int) async throws -> Void) async throws {
            try await options.withSales { try await body($0, sale) }
        }
    }
}

extension ShopOptions {
    /// Runs a body with the flash sales of the configuration. Exit code 65 for what cannot be done.
    fileprivate func withSales(_ body: (FlashSales) async throws -> Void) async throws {
        try await withServices(exitCode: 65, for: { ($0 as? FlashSaleProblem)?.description }) { services in
            try await body(services.flashSales)
        }
    }
}
