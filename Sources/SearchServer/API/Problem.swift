import Catalog
import Hummingbird

/// A problem document (RFC 9457): an error as `application/problem+json`, with a stable code, the parameter and a hint.
///
/// ```swift
/// throw Problem(.badRequest, "bad_value", "\"x\" is not a version", param: "version", hint: "use a whole number")
/// // {"code":"bad_value","detail":"…","hint":"…","param":"version","status":400,"title":"Bad Request"}
/// ```
///
/// A `detail` never has paths of the server.
struct Problem: Error {
    /// The reason phrase of the status.
    var title: String
    /// The HTTP status code.
    var status: Int
    /// A stable identifier of the kind of problem, for programs.
    var code: String
    /// The name of the parameter that is not valid; nil for other problems.
    var param: String?
    /// The problem as a sentence.
    var detail: String
    /// The remedy as a sentence.
    var hint: String?
    /// The time after which the request may be repeated, in seconds; sent as a header, not in the body.
    var retryAfter: Int?
    /// The error behind a problem of the server, with its paths; for the log only.
    var cause: CatalogError?

    /// Creates a problem from its parts.
    init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, param: String? = nil, hint: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.retryAfter = retryAfter
        title = status.reasonPhrase
        self.status = status.code
        self.code = code
        self.param = param
        self.detail = detail
        self.hint = hint
    }

    /// Creates the problem of a parameter.
    init(_ problem: RequestProblem, _ status: HTTPResponse.Status = .badRequest) {
        self.init(status, problem.code, problem.detail, param: problem.param, hint: problem.hint)
    }

    /// Creates the problem of a catalog's error. Errors inside the index are reported without their details, which only
    /// the log has.
    init(_ error: CatalogError) {
        switch error {
        case .request(let problem): self.init(problem)
        case .cursorExpired(let problem): self.init(problem, .gone)
        case .index(.request(let problem)): self.init(.badRequest, "bad_request", problem)
        case .unknown, .name, .index(.empty):
            self.init(
                .notFound, "unknown_catalog", error.description, param: "catalog", hint: "GET /v1 lists the catalogs")
        case .keys: self.init(keys: error)
        case .unknownRevision:
            self.init(
                .notFound, "unknown_revision", error.description, param: "revision",
                hint: "GET /v1/{catalog}/tuning/revisions lists those that are kept")
        case .tuning:
            self.init(
                .internalServerError, "tuning_unreadable", "the newest tuning revision cannot be read",
                hint: "restore an older one: POST /v1/{catalog}/tuning/revisions/{revision}/restore with If-Match: *")
            cause = error
        case .outdatedRevision:
            self.init(
                .preconditionFailed, "outdated_revision", error.description, param: "If-Match",
                hint: "send the ETag of what was read; If-Match: * replaces any revision")
        case .tooManyCursors:
            self.init(
                .serviceUnavailable, "too_many_cursors", error.description,
                hint: "cursors are released two minutes after their last use; or read fewer catalogs at once")
            retryAfter = 10
        case .unavailable(_, let reason, let isTemporary):
            self.init(
                isTemporary ? .serviceUnavailable : .internalServerError, WriteFailure.unreadable.code, reason,
                hint: "GET /v1 lists the catalogs with their states")
            if isTemporary { retryAfter = 1 }
        default:
            self.init(
                .internalServerError, WriteFailure.unreadable.code, "the catalog cannot be read",
                hint: "the server's log has the reason; run `quire check`")
            cause = error
        }
    }

    /// Creates the problem of an error that kept the keys from being read. It is temporary if there was no free
    /// descriptor for their file.
    init(keys error: CatalogError) {
        if case .storage(let failure) = error, failure.isOutOfDescriptors {
            self.init(
                .serviceUnavailable, "keys_unreadable", "the keys cannot be read at the moment",
                hint: "send the request again in a second", retryAfter: 1)
            return
        }
        self.init(
            .internalServerError, "keys_unreadable", "the keys cannot be read",
            hint: "the server's log has the reason; check the file keys.json of the data folder, or move it away "
                + "and add new keys with `quire keys add NAME`")
        cause = error
    }

    /// Creates the problem of an error that kept changes from being written. Temporary errors have the status 503 and a
    /// `Retry-After` header; those that a person must repair have the status 500.
    init(writing error: CatalogError) {
        switch error {
        case .unknown, .name, .request, .cursorExpired, .index(.empty), .index(.request): self.init(error)
        default:
            let failure = error.writeFailure
            let (code, detail) = (failure.code, failure.detail)
            switch failure {
            case .badDocument:
                self.init(
                    .badRequest, code, detail,
                    hint: "correct the document and send it again; GET /v1/{catalog} lists the fields")
            case .locked:
                self.init(.conflict, code, detail, hint: "wait until that process has ended, and send the change again")
            case .diskFull:
                self.init(
                    .init(code: 507, reasonPhrase: "Insufficient Storage"), code, detail,
                    hint: "free some space on the disk of the data folder")
                cause = error
            case .unreadable: self.init(error)
            case .busy:
                self.init(.serviceUnavailable, code, detail, hint: "send the change again in a second")
                retryAfter = 1
            case .stopped, .unknown:
                self.init(
                    .serviceUnavailable, code, detail,
                    hint: "send the change again in a second; the server's log has the reason")
                retryAfter = 1
                cause = error
            }
        }
    }

    /// Creates the problem of a body that did not arrive to its end.
    init(_ error: RequestBodyError) {
        switch error {
        case .cutOff:
            self.init(
                .badRequest, "bad_body", "the body of the request is malformed, or ended before its length",
                hint: "send the body again; check its length, or its chunks")
        case .tooSlow:
            self.init(
                .requestTimeout, "body_too_slow", "the body of the request did not arrive in time",
                hint: "send the rest of the changes again, without long pauses")
        case .shuttingDown:
            self.init(
                .serviceUnavailable, "shutting_down", "the server ends and did not wait for the request",
                hint: "send the request again in a moment")
            retryAfter = 5
        }
    }

    /// The problem as JSON.
    var body: ByteBuffer {
        var json = JSONWriter()
        write(to: &json)
        return ByteBuffer(json)
    }

    /// The problem as a response with its headers.
    var response: Response {
        var response = Response(
            status: .init(code: status),
            headers: [.contentType: "application/problem+json", .cacheControl: "no-store"],
            body: .init(byteBuffer: body))
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        if status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}

extension Problem: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("code", code)
            json.member("detail", detail)
            json.member("hint", ifPresent: hint)
            json.member("param", ifPresent: param)
            json.member("status", status)
            json.member("title", title)
        }
    }
}
