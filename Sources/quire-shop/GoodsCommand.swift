import ArgumentParser
import Shop

/// `quire-shop goods`: changes goods from a script; the back office is for people.
struct GoodsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "goods", abstract: "Change goods.", subcommands: [Edit.self, Picture.self])

    /// `quire-shop goods edit`: exit code 65 at a line that is not valid; what was printed before is made.
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the changes of standard input, and print each code when its change is durable.",
            discussion: """
                A line is a JSON object: {"code": "zh-0081", "name": "…", "description": "…", "price": 7900, \
                "on_shelf": false}. Prices are in fen; members that are not there stay as they are.
                """)

        @OptionGroup var options: ShopOptions

        @Option(help: "The number of lines that are one transaction.")
        var transaction = 1

        func validate() throws {
            guard (1...10_000).contains(transaction) else {
                throw ValidationError("a transaction has 1 to 10,000 lines")
            }
        }

        func run() async throws {
            try await options.withServices { services in
                var (number, waiting) = (0, [GoodsEdit]())
                do {
                    while let line = readLine() {
                        number += 1
                        waiting.append(try GoodsEdit(line))
                        if waiting.count == transaction { try await make(&waiting, services) }
                    }
                    try await make(&waiting, services)
                } catch let problem as GoodsEditProblem {
                    Terminal.printStatus("quire-shop: line \(number): \(problem)")
                    throw ExitCode(65)
                }
            }
        }

        private func make(_ edits: inout [GoodsEdit], _ services: ShopServices) async throws {
            try await services.store.edit(edits, now: services.now())
            for edit in edits { Terminal.printResult(edit.code) }
            edits = []
        }
    }

    /// `quire-shop goods picture`: exit code 65 for a file that is no picture, and for goods that are not there.
    struct Picture: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give goods a picture and print its address in the shop, or take their picture away.",
            discussion: "A picture is PNG, JPEG or WebP, with up to 4 MB and 6,000 pixels a side.")

        @OptionGroup var options: ShopOptions

        @Argument(help: "The code of the goods.")
        var code: String

        @Argument(help: "The file of the picture; without it the goods have none.")
        var file: String?

        func run() async throws {
            let describe = { (error: any Error) in
                error is PictureProblem || error is GoodsEditProblem ? "\(error)" : nil
            }
            try await options.withServices(exitCode: 65, for: describe) { services in
                let address = try file.map { try services.pictures.keep(file: $0) } ?? ""
                try await services.store.edit([GoodsEdit(code: code, image: address)], now: services.now())
                if !address.isEmpty { Terminal.printResult(address) }
            }
        }
    }
}
