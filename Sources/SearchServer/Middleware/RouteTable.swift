import HTTPTypes
import Hummingbird

/// The paths of a server with their methods, for requests with a method that their path does not have.
struct RouteTable: Sendable {
    /// A path as its segments, of which nil is any, and its methods.
    private struct Route {
        var path: [String?]
        var method: String
    }

    private let routes: [Route]

    /// Creates the table of a router's routes.
    init(_ router: Router<BasicRequestContext>) {
        routes = router.routes.map { route in
            let segments = route.path.description.split(separator: "/").map { $0.hasPrefix("{") ? nil : String($0) }
            return Route(path: segments, method: route.method.rawValue)
        }
    }

    /// The methods of a path as the value of the header `Allow`; nil if no route has the path. `*` has those of all.
    ///
    /// A segment that routes name hides those that may be any, as it does for the router. Complexity: O(routes).
    func methods(of path: String) -> String? {
        let segments = path.split(separator: "/")
        var matching = path == "*" ? routes : routes.filter { Self.matches($0.path, segments) }
        if path != "*" {
            for place in segments.indices where matching.contains(where: { $0.path[place] != nil }) {
                matching.removeAll { $0.path[place] == nil }
            }
        }
        guard !matching.isEmpty else { return nil }
        var methods = Set(matching.map(\.method))
        if methods.contains("GET") { methods.insert("HEAD") }
        return (methods.sorted() + ["OPTIONS"]).joined(separator: ", ")
    }

    private static func matches(_ path: [String?], _ segments: [Substring]) -> Bool {
        path.count == segments.count && zip(path, segments).allSatisfy { $0 == nil || $0.map { Substring($0) } == $1 }
    }
}
