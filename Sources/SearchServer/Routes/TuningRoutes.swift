import Catalog
import HTTPTypes
import Hummingbird
import NIOPosix

/// Adds the routes that read and change what searches are tuned by, without a rebuild:
///
/// - `GET` and `PUT /v1/{catalog}/profile`, `/synonyms` and `/rules`, each as one JSON value;
/// - `POST /v1/{catalog}/tuning/preview?q=…` searches by two drafts of the tuning, `…/tuning/evaluate` measures both;
/// - `GET /v1/{catalog}/tuning/revisions` lists the newest 20 states, `GET …/{revision}` shows one,
///   `POST …/{revision}/restore` makes it the newest again.
///
/// All of them require a key with the role tune. What can be put has the number of the newest revision as its entity
/// tag; a change names the one that it was made from by `If-Match`. They read files: `router` must run them off the
/// event loops.
func addTuningRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ replies: CatalogReplies, _ authorization: Authorization
) {
    let store = replies.store
    for part in CatalogTuning.Part.allCases {
        let path = RouterPath("v1/:catalog/\(part.rawValue)")
        router.get(path) { request, context in
            try authorization.check(request, .tune)
            let name = try context.parameters.require("catalog")
            let current = try await blocking { try store.tuning(name).current(part) }
            return try jsonResponse(current).tagged(current.revision)
        }
        router.put(path) { request, context in
            let who = try authorization.check(request, .tune)
            let name = try context.parameters.require("catalog")
            try requireJSON(request, "the tuning")
            let expected = try expectedRevision(request)
            let body = try await collected(request, hint: "use at most 16 MB")
            let revision = try await blocking {
                try store.tune(name) { tuning throws(CatalogError) in
                    try tuning.put(part, json: Array(body.readableBytesView), expecting: expected, who: who)
                }
            }
            return try jsonResponse(TuningRevision.Head(revision)).tagged(revision.revision)
        }
    }
    addDraftRoutes(to: router, replies, authorization)
    router.get("v1/:catalog/tuning/revisions") { request, context in
        try authorization.check(request, .tune)
        let name = try context.parameters.require("catalog")
        let revisions = try await blocking { try store.tuning(name).revisions() }
        let unfit = try await blocking { try store.searcher(name).unfitRules }
        return try jsonResponse(RevisionList(revisions: revisions, unfit: unfit))
    }
    router.get("v1/:catalog/tuning/revisions/:revision") { request, context in
        try authorization.check(request, .tune)
        let name = try context.parameters.require("catalog")
        let number = try revisionNumber(context)
        return try jsonResponse(await blocking { try store.tuning(name).revision(number) })
    }
    router.post("v1/:catalog/tuning/revisions/:revision/restore") { request, context in
        let who = try authorization.check(request, .tune)
        let name = try context.parameters.require("catalog")
        let number = try revisionNumber(context)
        let expected = try expectedRevision(request)
        let revision = try await blocking {
            try store.tune(name) { tuning throws(CatalogError) in
                try tuning.restore(number, expecting: expected, who: who)
            }
        }
        return try jsonResponse(TuningRevision.Head(revision)).tagged(revision.revision)
    }
}

/// Adds the routes that weigh drafts of the tuning, of which nothing is saved: `POST /v1/{catalog}/tuning/preview` has
/// the replies to a search, whose parameters are those of `GET /v1/{catalog}/search`, and `…/tuning/evaluate` the
/// quality of judged queries, by the draft `before` and by the draft `after`. They take a thread for the time of one
/// search.
private func addDraftRoutes(
    to router: some RouterMethods<BasicRequestContext>, _ replies: CatalogReplies, _ authorization: Authorization
) {
    let store = replies.store
    router.post("v1/:catalog/tuning/preview") { request, context in
        try authorization.check(request, .tune)
        let name = try context.parameters.require("catalog")
        try requireJSON(request, "the tuning")
        let search = try SearchRequest(parameters: try queryParameters(request.uri.query ?? ""))
        guard !search.wantsCursor else {
            throw Problem(.badRequest, "bad_value", "a preview has no cursors", param: "after", hint: "use page")
        }
        let body = try await collected(request, hint: "use at most 16 MB")
        let limits = store.requestLimits(search.timeout)
        return try await replies.threads.search(limits) {
            let drafts = try TuningComparison(json: Array(body.readableBytesView))
            return try jsonResponse(
                drafts.preview(search, store.searcher(name), store.tuning(name), limits: limits))
        }
    }
    router.post("v1/:catalog/tuning/evaluate") { request, context in
        try authorization.check(request, .tune)
        let name = try context.parameters.require("catalog")
        try requireJSON(request, "the tuning")
        let body = try await collected(request, hint: "use at most 16 MB")
        let limits = store.requestLimits()
        return try await replies.threads.search(limits) {
            let drafts = try TuningComparison(json: Array(body.readableBytesView))
            return try jsonResponse(drafts.evaluate(store.searcher(name), store.tuning(name), limits: limits))
        }
    }
}

/// Returns the result of work on a thread that may block; its errors are those of writing.
private func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    do {
        return try await NIOThreadPool.singleton.runIfActive(body)
    } catch let error as CatalogError {
        switch error {
        case .storage: throw Problem(writing: error)
        default: throw Problem(error)
        }
    }
}

/// Returns the number of the revision in the path.
///
/// Errors: `unknown_revision` for anything else than a number.
private func revisionNumber(_ context: BasicRequestContext) throws -> Int {
    let text = try context.parameters.require("revision")
    if let number = Int(text), number > 0 { return number }
    throw Problem(
        .notFound, "unknown_revision", "\"\(text.prefix(40))\" is not the number of a revision", param: "revision",
        hint: "GET /v1/{catalog}/tuning/revisions lists those that are kept")
}

/// Returns the revision that a change was made from, by the header `If-Match`; nil for `*`, which stands for any.
///
/// Errors: `if_match_required` (status 428) without the header, `outdated_revision` (status 412) for what is no entity
/// tag of a revision.
private func expectedRevision(_ request: Request) throws(Problem) -> Int? {
    let hint = "send the ETag of GET /v1/{catalog}/profile, /synonyms or /rules; If-Match: * replaces any revision"
    guard let header = request.headers[.ifMatch] else {
        throw Problem(
            .preconditionRequired, "if_match_required", "a change of the tuning requires If-Match", param: "If-Match",
            hint: hint)
    }
    // A proxy that compresses replies makes tags weak.
    var tag = header.trimmingPrefix(" ")[...]
    if tag == "*" { return nil }
    if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
    guard tag.count > 2, tag.first == "\"", tag.last == "\"", let number = Int(tag.dropFirst().dropLast()) else {
        throw Problem(
            .preconditionFailed, "outdated_revision", "\"\(header.prefix(40))\" is not the tag of a revision",
            param: "If-Match", hint: hint)
    }
    return number
}

extension Response {
    /// The response with a revision as its entity tag.
    fileprivate func tagged(_ revision: Int) -> Response {
        var response = self
        response.headers[.eTag] = "\"\(revision)\""
        return response
    }
}

/// The body of `GET /v1/{catalog}/tuning/revisions`.
private struct RevisionList: JSONWritable {
    /// The revisions, newest first.
    var revisions: [TuningRevision]
    /// The problems of the rules that do not fit the schema since a rebuild, and do not count.
    var unfit: [String]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("revisions", revisions.map(TuningRevision.Head.init))
            json.member("unfit_rules", unfit)
        }
    }
}
