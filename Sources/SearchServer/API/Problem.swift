import Catalog
import FoundationEssentials
import Hummingbird
import Indexer

/// An error as RFC 9457 tells it: `application/problem+json` with a stable `code`, the parameter, and what to do.
struct Problem: Error, Encodable {
    var title: String
    var status: Int
    var code: String
    var param: String?
    var detail: String
    var hint: String?
    /// Seconds after which trying again makes sense.
    var retryAfter: Int?

    enum CodingKeys: String, CodingKey {
        case title, status, code, param, detail, hint
    }

    init(_ status: HTTPResponse.Status, _ code: String, _ detail: String, param: String? = nil, hint: String? = nil) {
        title = status.reasonPhrase
        self.status = status.code
        self.code = code
        self.param = param
        self.detail = detail
        self.hint = hint
    }

    /// What a catalog's error means to a client. Damage inside the index is told without its paths.
    init(_ error: CatalogError) {
        switch error {
        case .request(let problem):
            let status: HTTPResponse.Status = problem.code == "cursor_expired" ? .gone : .badRequest
            self.init(status, problem.code, problem.detail, param: problem.param, hint: problem.hint)
        case .index(.request(let problem)):
            self.init(.badRequest, "bad_request", problem)
        case .unknown, .name, .index(.empty):
            self.init(
                .notFound, "unknown_catalog", error.description, param: "catalog", hint: "GET /v1 lists the catalogs")
        default:
            self.init(
                .internalServerError, "index_unreadable", "the catalog cannot be read",
                hint: "the server's log says why; run `quire check`")
        }
    }

    /// What keeps changes from being written means to a client.
    init(writing error: CatalogError) {
        switch error {
        case .unknown, .name, .request: self.init(error)
        default:
            let (code, detail) = error.asWriteFailure
            switch code {
            case "bad_document":
                self.init(
                    .badRequest, code, detail, hint: "GET /v1/{catalog} tells the fields; mend it and send it again")
            case "catalog_locked":
                self.init(.conflict, code, detail, hint: "wait until it has ended, and send it again")
            case "disk_full":
                self.init(
                    .init(code: 507, reasonPhrase: "Insufficient Storage"), code, detail,
                    hint: "free some space on the disk of the data folder")
            default:
                self.init(
                    .serviceUnavailable, code, detail, hint: "send it again in a second; the server's log says why")
                retryAfter = 1
            }
        }
    }

    var response: Response {
        var response = jsonResponse(self, status: .init(code: status), type: "application/problem+json")
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        if status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}

/// A value as a JSON response.
func jsonResponse(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, type: String = "application/json"
) -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        let body = try encoder.encode(value)
        return Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    } catch {
        // Only a number that JSON does not have can get here.
        let text = #"{"code": "internal", "detail": "the reply cannot be written as JSON", "status": 500}"#
        return Response(
            status: .internalServerError, headers: [.contentType: "application/problem+json"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
