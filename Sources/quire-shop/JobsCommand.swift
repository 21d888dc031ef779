import ArgumentParser
import Shop

/// `quire-shop jobs`: looks after the queues of background work.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Show the queues of background work, and their dead letters.",
        subcommands: [Stats.self, Dead.self, Retry.self])

    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the numbers of jobs of each queue.")

        @OptionGroup var options: ShopOptions

        func run() async throws {
            try await options.withServices { services in
                print("queue\twaiting\trunning\tdelayed\tdead")
                for name in JobQueues.all {
                    let numbers = try await JobQueue(name, services.redis).statistics()
                    print("\(name)\t\(numbers.waiting)\t\(numbers.running)\t\(numbers.delayed)\t\(numbers.dead)")
                }
            }
        }
    }

    struct Dead: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the jobs that failed for good.",
            discussion: "Payloads are not shown: they may hold tokens.")

        @OptionGroup var options: ShopOptions

        @Option(help: "The most jobs of each queue.")
        var limit = 100

        func run() async throws {
            try await options.withServices { services in
                for name in JobQueues.all {
                    for dead in try await JobQueue(name, services.redis).deadJobs(limit: limit) {
                        print("\(name)\t\(dead.id)\t\(dead.job.kind)\tattempt \(dead.job.attempt)\t\(dead.error)")
                    }
                }
            }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give dead jobs to the workers again.")

        @OptionGroup var options: ShopOptions

        @Argument(help: "The queue.")
        var queue: String

        @Argument(help: "The ids of the jobs; all if there are none.")
        var ids: [String] = []

        func validate() throws {
            guard JobQueues.all.contains(queue) else {
                throw ValidationError("the queues are \(JobQueues.all.joined(separator: ", "))")
            }
        }

        func run() async throws {
            try await options.withServices { services in
                let queue = JobQueue(queue, services.redis)
                let chosen = ids.isEmpty ? try await queue.deadJobs(limit: 100_000).map(\.id) : ids
                var count = 0
                for id in chosen where try await queue.retryDead(id) { count += 1 }
                print("\(count) of \(chosen.count) jobs run again")
            }
        }
    }
}
