import Foundation
import HTTPTypes
import Testing

@testable import SearchServer

/// The description of the API at `/openapi.json` as tests read it.
struct APIDescription {
    /// An operation of a path.
    struct Operation {
        /// The method and the path, such as `GET /v1/{catalog}`.
        var name: String
        var method: HTTPRequest.Method
        var path: String
        /// The members of the operation.
        var members: [String: Any]

        var id: String { members["operationId"] as? String ?? "" }
        var role: String? { members["x-role"] as? String }
    }

    /// A request that the document has as an example.
    struct Example {
        var uri: String
        var headers: HTTPFields
        var body: String?
    }

    let text = String(decoding: PackageResources.openapi_json, as: UTF8.self)
    let members: [String: Any]
    let operations: [Operation]

    init() throws {
        members = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let paths = try #require(members["paths"] as? [String: [String: [String: Any]]])
        operations = paths.flatMap { path, methods in
            methods.map { method, members in
                let verb = method.uppercased()
                return Operation(
                    name: "\(verb) \(path)", method: .init(verb) ?? .get, path: path, members: members)
            }
        }.sorted { $0.name < $1.name }
    }

    /// Returns an object, or the part of the document that it refers to.
    func resolved(_ object: Any?) -> [String: Any] {
        guard let object = object as? [String: Any] else { return [:] }
        guard let reference = object["$ref"] as? String else { return object }
        var part: Any? = members
        for name in reference.split(separator: "/").dropFirst() { part = (part as? [String: Any])?[String(name)] }
        return part as? [String: Any] ?? [:]
    }

    /// The requests of an operation that the document has as examples: one for each body, with all parameters.
    func examples(of operation: Operation) throws -> [Example] {
        var uri = operation.path
        var query: [String] = []
        var headers: HTTPFields = [:]
        for parameter in (operation.members["parameters"] as? [Any] ?? []).map({ resolved($0) }) {
            guard let name = parameter["name"] as? String, let value = parameter["example"] else { continue }
            let text = "\(value)".addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            switch parameter["in"] as? String {
            case "path": uri = uri.replacing("{\(name)}", with: text)
            case "query": query.append("\(name)=\(text)")
            default: headers[try #require(HTTPField.Name(name))] = "\(value)"
            }
        }
        if !query.isEmpty { uri += "?" + query.joined(separator: "&") }
        let body = resolved(operation.members["requestBody"])
        var examples: [Example] = []
        for (media, content) in body["content"] as? [String: [String: Any]] ?? [:] {
            guard let value = content["example"] else { continue }
            headers[.contentType] = media
            examples.append(Example(uri: uri, headers: headers, body: try Self.text(value)))
        }
        return examples.isEmpty ? [Example(uri: uri, headers: headers)] : examples
    }

    /// A value of JSON as a body: lines stand as they are.
    private static func text(_ value: Any) throws -> String {
        if let text = value as? String { return text }
        return String(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
    }

    /// The problems of a reply: what the document does not describe.
    func problems(_ operation: Operation, status: Int, media: String?, body: Data) -> [String] {
        let responses = operation.members["responses"] as? [String: Any] ?? [:]
        guard let response = responses["\(status)"] else { return ["\(operation.name) has no status \(status)"] }
        let content = resolved(response)["content"] as? [String: Any] ?? [:]
        let type = (media ?? "").prefix { $0 != ";" }
        if content.isEmpty { return body.isEmpty ? [] : ["\(operation.name) \(status) has no body"] }
        guard let described = content[String(type)] as? [String: Any] else {
            return ["\(operation.name) \(status) has no body of the type \(type)"]
        }
        guard type.hasSuffix("json"), type != "application/x-ndjson" else { return [] }
        guard let value = try? JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed) else {
            return ["\(operation.name) \(status): the body is not JSON"]
        }
        return problems(value, described["schema"], at: "\(operation.name) \(status)")
    }
}
