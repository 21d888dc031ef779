import ArgumentParser
import FoundationEssentials
import Shop

/// `quire-shop stats`: numbers from the event log.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count active accounts, those who return, and the way from search to order.",
        subcommands: [Activity.self, FunnelCommand.self, Rebuild.self])

    /// A range of days, both included.
    struct Days: ParsableArguments {
        @Option(help: "The first day, such as 2026-11-01; in China's time.")
        var from: Day

        @Option(help: "The last day.")
        var to: Day

        func validate() throws {
            guard from <= to, to.number - from.number < 1000 else {
                throw ValidationError("--from is not after --to, and at most 1000 days before")
            }
        }
    }

    /// `quire-shop stats activity`: a JSON object for each day.
    struct Activity: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the active accounts of each day (DAU) and of thirty days (MAU), and who came back.")

        @OptionGroup var options: ShopOptions
        @OptionGroup var days: Days

        @Option(help: "Count in the database, or by the bitmaps in Redis.")
        var by = Statistics.Source.database

        @Option(help: "Also draw a chart (SVG) to this file.")
        var chart: String?

        func run() async throws {
            try await options.withServices { services in
                let today = Day(of: services.now())
                let list = try await services.statistics.activity(days.from...days.to, today: today, by: by)
                try Terminal.printJSON(list)
                if let chart { try ActivityChart(list).svg.write(toFile: chart, atomically: true, encoding: .utf8) }
            }
        }
    }

    /// `quire-shop stats funnel`: a JSON object.
    struct FunnelCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "funnel", abstract: "Print how many visitors searched, then clicked, then added, then ordered."
        )

        @OptionGroup var options: ShopOptions
        @OptionGroup var days: Days

        func run() async throws {
            try await options.withServices { services in
                try Terminal.printJSON([try await services.statistics.funnel(days.from...days.to)])
            }
        }
    }

    /// `quire-shop stats rebuild`: makes the bitmaps anew.
    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the bitmaps in Redis from the database, after Redis has lost them.")

        @OptionGroup var options: ShopOptions

        func run() async throws {
            try await options.withServices { services in
                print("\(try await services.statistics.rebuildBitmaps()) marks")
            }
        }
    }
}

extension Day: ExpressibleByArgument {
    /// Reads a day of the command line; nil for a text that is none.
    public init?(argument: String) { self.init(argument) }
}

extension Statistics.Source: ExpressibleByArgument {}
