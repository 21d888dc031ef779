import ArgumentParser
import Shop

/// `quire-shop orders`: what the shop's staff does with orders; the back office is for people.
struct OrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "List and ship orders.", subcommands: [List.self, Ship.self])

    /// `quire-shop orders list`: a JSON object for each order.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the orders that wait to be shipped, the oldest first, one JSON object a line.")

        @OptionGroup var options: ShopOptions

        @Option(help: "The most orders, up to 10000.")
        var limit = 100

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 to 10000") }
        }

        func run() async throws {
            try await options.withServices { services in
                for order in try await services.store.ordersToShip(limit: limit) { print(order) }
            }
        }
    }

    /// `quire-shop orders ship`: exit code 66 if no such order waits to be shipped.
    struct Ship: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record that an order has left the shop.",
            discussion: "Its buyer sees carrier and tracking number, and can say then that it has arrived.")

        @OptionGroup var options: ShopOptions

        @Argument(help: "The number of the order.")
        var number: String

        @Option(help: "The name of the carrier.")
        var carrier: String

        @Option(help: "The number that the carrier has given the parcel.")
        var tracking: String

        func validate() throws {
            for text in [carrier, tracking] {
                let isLine = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
                guard isLine, (1...60).contains(text.unicodeScalars.count) else {
                    throw ValidationError("carrier and tracking number have 1 to 60 characters of one line")
                }
            }
        }

        func run() async throws {
            try await options.withServices { services in
                do {
                    try await services.store.ship(number, carrier: carrier, tracking: tracking, now: services.now())
                } catch StoreError.unchanged {
                    Terminal.printStatus("quire-shop: no order \(number) waits to be shipped")
                    throw ExitCode(66)
                }
            }
        }
    }
}
