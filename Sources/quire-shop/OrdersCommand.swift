import ArgumentParser
import Shop

/// `quire-shop orders`: what the shop's staff does with orders; the back office is for people.
struct OrdersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "List, ship and refund orders.",
        subcommands: [List.self, Ship.self, Refund.self])

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
            for text in [carrier, tracking] where !OrdersCommand.isLine(text) {
                throw ValidationError("carrier and tracking number have 1 to 60 characters of one line")
            }
        }

        func run() async throws {
            try await options.change(orElse: "no order \(number) waits to be shipped") { services in
                try await services.store.ship(number, carrier: carrier, tracking: tracking, now: services.now())
            }
        }
    }

    /// `quire-shop orders refund`: exit code 66 if no such order waits to be shipped.
    struct Refund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give back the money of an order that was paid through Alipay and has not left the shop.",
            discussion: "Its goods return to the stock, and its buyer gets a mail when Alipay has the money sent back.")

        @OptionGroup var options: ShopOptions

        @Argument(help: "The number of the order.")
        var number: String

        @Option(help: "The reason, which the buyer sees.")
        var reason: String

        func validate() throws {
            guard OrdersCommand.isLine(reason) else {
                throw ValidationError("a reason has 1 to 60 characters of one line")
            }
        }

        func run() async throws {
            let words = "no order \(number) that was paid through Alipay waits to be shipped"
            try await options.change(orElse: words) { services in
                try await services.store.refund(number, reason: reason, now: services.now())
            }
        }
    }

    /// True if a text has 1 to 60 characters of one line.
    fileprivate static func isLine(_ text: String) -> Bool {
        (1...60).contains(text.unicodeScalars.count)
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}

extension ShopOptions {
    /// Changes an order. Exit code 66, with some words, if it is not there or in another state.
    fileprivate func change(
        orElse words: String, _ body: (ShopServices) async throws -> Void
    ) async throws {
        try await withServices(exitCode: 66, for: { $0 as? StoreError == .unchanged ? words : nil }, body)
    }
}
