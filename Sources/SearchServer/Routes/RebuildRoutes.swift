import Catalog
import Hummingbird
import Indexer
import Kernels
import NIOPosix
import Searching

/// Adds the routes that rebuild a catalog while it is searched and changed. They require a key with the role admin:
///
/// - `POST /v1/{catalog}/rebuild` begins another generation, from the catalog's own rows, or with `?from=documents`
///   from documents; the body may have another `schema` and `profile`. `GET` tells how far it is, `DELETE` removes it;
/// - `POST /v1/{catalog}/rebuild/documents` adds documents to it, as lines, `POST …/rebuild/finish` ends them;
/// - `POST /v1/{catalog}/rebuild/verify` compares it with the current generation;
/// - `POST /v1/{catalog}/merge?to=` merges segments to at most a number, 1 by default;
/// - `POST /v1/{catalog}/rebuild/swap` makes it the current one, `POST …/rebuild/rollback` the other one again.
func addRebuildRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ store: CatalogStore, _ authorization: Authorization
) {
    let jobs = LongJobs()
    addSourceRoutes(to: router, store, authorization)
    addMergeRoute(to: router, store, jobs, authorization)
    router.get("v1/:catalog/rebuild") { request, context in
        try authorization.check(request, .admin)
        return try jsonResponse(try await openWriter(try context.parameters.require("catalog"), store).rebuildState)
    }
    router.post("v1/:catalog/rebuild") { request, context in
        try authorization.check(request, .admin)
        let source = try rebuildSource(try queryParameters(request.uri.query ?? ""))
        let plan = try RebuildPlan(json: Array(try await collected(request).readableBytesView))
        let writer = try await openWriter(try context.parameters.require("catalog"), store)
        let state = try await changing {
            do throws(CatalogError) {
                _ = try writer.rebuild(plan, from: source)
            } catch {
                guard case .profile = error else { throw error }
                throw Problem(
                    .badRequest, "bad_profile", error.description, param: "profile",
                    hint: "give the new schema a profile that fits it")
            }
            return writer.rebuildState
        }
        return try jsonResponse(state, status: .accepted)
    }
    router.post("v1/:catalog/rebuild/verify") { request, context in
        try authorization.check(request, .admin)
        let writer = try await openWriter(try context.parameters.require("catalog"), store)
        return try jsonResponse(try await jobs.run { try writer.differences() })
    }
    for (path, isRollback) in [("swap", false), ("rollback", true)] {
        router.post("v1/:catalog/rebuild/\(path)") { request, context in
            try authorization.check(request, .admin)
            let name = try context.parameters.require("catalog")
            let state = try await changing {
                try store.swap(name, isRollback: isRollback)
                return try store.writer(name).rebuildState
            }
            return try jsonResponse(state)
        }
    }
    router.delete("v1/:catalog/rebuild") { request, context in
        try authorization.check(request, .admin)
        let writer = try await openWriter(try context.parameters.require("catalog"), store)
        return try jsonResponse(
            try await changing {
                try writer.dropRebuild()
                return writer.rebuildState
            })
    }
}

/// Adds the route that merges segments.
private func addMergeRoute(
    to router: some RouterMethods<BasicRequestContext>, _ store: CatalogStore, _ jobs: LongJobs,
    _ authorization: Authorization
) {
    router.post("v1/:catalog/merge") { request, context in
        try authorization.check(request, .admin)
        let count = try mergeCount(try queryParameters(request.uri.query ?? ""))
        let writer = try await openWriter(try context.parameters.require("catalog"), store)
        return try jsonResponse(try await jobs.run { try writer.merge(to: count) })
    }
}

/// Adds the routes that fill a rebuild from documents.
private func addSourceRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ store: CatalogStore, _ authorization: Authorization
) {
    router.post("v1/:catalog/rebuild/documents") { request, context in
        try authorization.check(request, .admin)
        let rebuild = try await openRebuild(try context.parameters.require("catalog"), store)
        let results = ResultSpool(in: store.folder.path)
        return try await withTaskExecutorPreference(BackgroundExecutor.shared) {
            try await DocumentStreamer(
                request, WriteParameters(), rebuild, context.logger, results: results
            ).response()
        }
    }
    router.post("v1/:catalog/rebuild/finish") { request, context in
        try authorization.check(request, .admin)
        let name = try context.parameters.require("catalog")
        let rebuild = try await openRebuild(name, store)
        try await changing { try rebuild.finish() }
        return try jsonResponse(try await openWriter(name, store).rebuildState)
    }
}

/// The threads of merges and comparisons of a whole catalog: two at a time, after searches.
private struct LongJobs: Sendable {
    private let pool = WorkerPool(threads: 2, niceness: 10)

    /// Returns the result of a job. Errors of a catalog become problems of a change; `overloaded` if others wait.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        do {
            return try await SearchThreads.run(on: pool, SearchLimits(cancellation: SearchCancellation()), body)
        } catch let error as CatalogError {
            throw Problem(writing: error)
        }
    }
}

/// Runs `body` on a thread that may block. Errors of a catalog become problems of a change.
func changing<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    do {
        return try await NIOThreadPool.singleton.runIfActive(body)
    } catch let error as CatalogError {
        throw Problem(writing: error)
    }
}

/// Returns the rebuild of a catalog that waits for documents.
private func openRebuild(_ name: String, _ store: CatalogStore) async throws -> CatalogRebuild {
    if let rebuild = try await openWriter(name, store).rebuild { return rebuild }
    throw Problem(
        .conflict, "no_rebuild", "the catalog \(name) has no rebuild that waits for documents",
        hint: "begin one with POST /v1/\(name)/rebuild?from=documents")
}

/// Returns the source of a rebuild by the parameter `from`: `rows`, the default, or `documents`.
private func rebuildSource(_ parameters: [(name: String, value: String)]) throws(Problem) -> Rebuild.Origin {
    var source = Rebuild.Origin.rows
    for (name, value) in parameters {
        guard name == "from" else { throw Problem(.unknownParameter(name, known: ["from"])) }
        guard let choice = Rebuild.Origin(rawValue: value) else {
            throw Problem(
                .badRequest, "bad_value", "\"\(value)\" is not one of rows, documents", param: name,
                hint: "rows reads what the catalog has stored, documents waits for …/rebuild/documents")
        }
        source = choice
    }
    return source
}

/// Returns the number of segments that a merge may leave, by the parameter `to`.
private func mergeCount(_ parameters: [(name: String, value: String)]) throws(Problem) -> Int {
    var count = 1
    for (name, value) in parameters {
        guard name == "to" else { throw Problem(.unknownParameter(name, known: ["to"])) }
        guard let number = Int(value), number >= 1 else {
            throw Problem(
                .badRequest, "bad_value", "\"\(value)\" is not a number of segments", param: name,
                hint: "use a whole number from 1")
        }
        count = number
    }
    return count
}
