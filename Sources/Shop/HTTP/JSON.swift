import FoundationEssentials
import Hummingbird
import NIOCore

/// Returns a value as JSON: members in the order of their names, `goodsId` as `goods_id`.
func encodedJSON(_ value: some Encodable) throws -> ByteBuffer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return ByteBuffer(bytes: try encoder.encode(value))
}

/// Returns a response with a value as JSON, which nobody may cache.
func jsonReply(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, type: String = "application/json"
) -> Response {
    do {
        return Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: .init(byteBuffer: try encodedJSON(value)))
    } catch {
        // Only a number that JSON cannot represent, NaN or an infinity, fails to encode.
        let text = #"{"code": "internal", "detail": "the reply cannot be encoded as JSON", "status": 500}"#
        return Response(
            status: .internalServerError, headers: [.contentType: "application/problem+json"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

extension Request {
    /// The most bytes that the body of a request has.
    private static let bodyLimit = 64 << 10

    /// Reads the body of a request as a JSON object.
    ///
    /// Errors: a problem that names the member, for a body that is too large, not JSON, or not of this form. Only a
    /// body that says that it is JSON is read: a form of another site cannot send one without asking first.
    func decoded<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        let contentType = (headers[.contentType] ?? "").prefix { $0 != ";" }.lowercased()
        guard contentType == "application/json" else {
            throw Problem(
                .unsupportedMediaType, "unsupported_media_type", "the body of this request is a JSON object",
                hint: "send it with Content-Type: application/json")
        }
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: Self.bodyLimit)
        } catch is NIOTooManyBytesError {
            throw Problem(.contentTooLarge, "body_too_large", "the body has more than \(Self.bodyLimit) bytes")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let data = Data(buffer.readableBytesView)
        do {
            return try decoder.decode(type, from: data)
        } catch let error as DecodingError {
            throw Problem(error, isJSON: (try? JSONDecoder().decode(JSONValue.self, from: data)) != nil)
        }
    }

    /// True if the request has a body.
    var hasBody: Bool { headers[.transferEncoding] != nil || (headers[.contentLength] ?? "0") != "0" }

    /// The language of the person's mails, `en` or `zh`: Chinese unless the browser asks for English first.
    var language: String { (headers[.acceptLanguage] ?? "").lowercased().hasPrefix("en") ? "en" : "zh" }

    /// Returns a number of the query string, or `fallback` if it has none.
    func number(_ name: String, from range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        guard let text = uri.queryParameters[Substring(name)] else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw Problem.value(name, "\(name) must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

extension Problem {
    /// Creates the problem of a body that has not the expected form.
    fileprivate init(_ error: DecodingError, isJSON: Bool) {
        func name(_ path: [any CodingKey]) -> String? {
            let words = path.map { key in
                key.intValue.map(String.init)
                    ?? key.stringValue.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
            }
            return words.isEmpty ? nil : words.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            let param = name(context.codingPath + [key])
            self.init(.badRequest, "missing_value", "\(param ?? "a member") is missing", param: param)
        case .valueNotFound(_, let context), .typeMismatch(_, let context):
            let param = name(context.codingPath)
            self.init(.badRequest, "bad_value", "\(param ?? "the body") has the wrong type", param: param)
        case .dataCorrupted(let context) where isJSON:
            // The decoder does not name the member of a number that no integer can have.
            let param = name(context.codingPath)
            let subject = param ?? "a number of the body"
            self.init(.badRequest, "bad_value", "\(subject) has a value that it cannot have", param: param)
        default:
            self.init(.badRequest, "bad_body", "the body is not valid JSON")
        }
    }
}

extension Parameters {
    /// Returns a number of the path. Errors: a problem with the status 404, because no such thing is there.
    func id(_ name: String, of thing: String) throws -> Int {
        guard let text = get(name), let id = Int(text), id > 0, id < 1 << 53 else { throw Problem.missing(thing) }
        return id
    }
}
