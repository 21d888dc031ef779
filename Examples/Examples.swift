// Small programs against Quire's public interface, without `package` access: what another package can write.
//
//     swift run Examples                 # all of them
//     swift run Examples index-and-search

@main
struct Examples {
    static let all: [(name: String, run: @Sendable () throws -> Void)] = [
        ("index-and-search", indexAndSearch), ("facets", facets), ("live-updates", liveUpdates),
        ("evaluation", evaluation), ("tokens", tokens),
    ]

    static func main() throws {
        let wanted = CommandLine.arguments.dropFirst()
        let known = all.map(\.name)
        guard wanted.allSatisfy(known.contains) else {
            return print("usage: Examples [NAME]…; there are: \(known.joined(separator: ", "))")
        }
        for example in all where wanted.isEmpty || wanted.contains(example.name) {
            print("\n== \(example.name)")
            try example.run()
        }
    }
}
