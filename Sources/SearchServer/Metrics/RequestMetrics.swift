import Catalog
import HTTPTypes
import Hummingbird
import Kernels
import Synchronization

/// The times of requests to one route, by the status of their replies. Thread-safe.
final class RouteTimes: Sendable {
    /// The route, such as `GET /v1/{catalog}/search`.
    let route: String
    /// The distributions of the statuses that occurred: a few, the most frequent one usually first.
    private let times = Mutex<[(status: Int, times: LatencyBuckets)]>([])

    init(_ route: String) { self.route = route }

    /// Counts a request. Complexity: O(statuses that occurred).
    func record(_ status: Int, _ time: Duration) {
        times.withLock { times in
            let place = times.firstIndex { $0.status == status } ?? times.endIndex
            if place == times.endIndex { times.append((status, LatencyBuckets())) }
            times[place].times.record(time)
        }
    }

    /// The distributions by status, ascending.
    var byStatus: [(status: Int, times: LatencyBuckets)] {
        times.withLock { $0 }.sorted { $0.status < $1.status }
    }
}

/// The times of all requests to the routes of a process's servers. Thread-safe.
final class RequestMetrics: Sendable {
    private let routes = Mutex<[String: RouteTimes]>([:])

    /// Returns the times of a route, which servers share.
    func times(of route: String) -> RouteTimes {
        routes.withLock { routes in
            if let times = routes[route] { return times }
            let times = RouteTimes(route)
            routes[route] = times
            return times
        }
    }

    /// The times of all routes, by name.
    var all: [RouteTimes] { routes.withLock { Array($0.values) }.sorted { $0.route < $1.route } }
}

/// Follows requests: gives each an id, measures it from its head to the beginning of its reply, counts it by route and
/// status, and logs it. It must be the first middleware, so that it sees the replies that others make.
struct RequestTimer<Context: RequestContext>: RouterMiddleware {
    /// The times of the methods of each path. One look-up by path costs some 50 ns of a request.
    private let routes: [String: [(method: HTTPRequest.Method, times: RouteTimes)]]
    private let unknown: RouteTimes
    private let log: RequestLog?

    /// The name of the route of requests whose path or method no route has.
    static var unknownRoute: String { "none" }

    /// Creates the timer of a router's routes, all of which are in `paths`.
    init(_ paths: Router<BasicRequestContext>, _ metrics: ServerMetrics) {
        var routes: [String: [(method: HTTPRequest.Method, times: RouteTimes)]] = [:]
        for route in paths.routes {
            let path = route.path.description
            let times = metrics.requests.times(of: "\(route.method.rawValue) \(path)")
            routes[path, default: []].append((route.method, times))
        }
        self.routes = routes
        log = metrics.log
        unknown = metrics.requests.times(of: Self.unknownRoute)
    }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let begin = ContinuousClock.now
        let trace = RequestTrace(id: RequestID.of(request.headers))
        var response = try await RequestTrace.$current.withValue(trace) { try await next(request, context) }
        if let header = RequestID.header { response.headers[header] = trace.id }
        let (status, time) = (response.status.code, ContinuousClock.now - begin)
        let times = times(of: request.method, context.endpointPath)
        times.record(status, time)
        log?.record(
            status, time,
            RequestLog.Entry(
                id: trace.id, time: LogDay.now, method: request.method.rawValue, route: times.route,
                path: request.uri.path,
                status: status, milliseconds: time.milliseconds,
                facts: trace.facts))
        return response
    }

    /// The times of a route; a request with the method HEAD counts as GET.
    private func times(of method: HTTPRequest.Method, _ path: String?) -> RouteTimes {
        let method = method == .head ? .get : method
        return path.flatMap { routes[$0]?.first { $0.method == method }?.times } ?? unknown
    }
}
