import Foundation
import QuireClient

// Runs one call of the Swift client, which it reads as JSON, or the snippets of the README, and prints what came of it.

func members(_ problem: Problem) -> JSON {
    [
        "status": .number(Double(problem.status)), "code": .text(problem.code), "detail": .text(problem.detail),
        "hint": problem.hint.map { JSON.text($0) } ?? .null, "param": problem.param.map { JSON.text($0) } ?? .null,
        "retryAfter": problem.retryAfter.map { JSON.number(Double($0)) } ?? .null,
    ]
}

func values(_ json: JSON) -> Quire.Parameters { if case .object(let members) = json { members } else { [:] } }

func whole(_ json: JSON) -> Int? { json.number.map { Int($0) } }

func read(_ parts: Parts, into given: inout [JSON]) async throws -> JSON {
    for try await one in parts { given.append(one) }
    return .list(given)
}

func call(_ request: JSON, _ given: inout [JSON]) async throws -> JSON {
    let options = request["options"]
    let quire = Quire(
        request["address"].text ?? "", key: options["key"].text, timeout: options["timeout"].number ?? 30,
        retries: whole(options["retries"]) ?? 3, longestWait: whole(options["longestWait"]) ?? 10)
    let (first, second, third) = (request["values"][0], request["values"][1], request["values"][2])
    let parameters = request["parameters"]
    let catalog = first.text ?? ""
    let (batch, refresh) = (whole(parameters["batch"]) ?? 1000, parameters["refresh"] == true)
    let version = whole(parameters["version"])
    switch request["method"].text ?? "" {
    case "search": return try await quire.search(catalog, values(parameters))
    case "suggest": return .list(try await quire.suggest(catalog, second.text ?? "", values(parameters)))
    case "document": return try await quire.document(catalog, second.text ?? "")
    case "multiSearch":
        return .list(
            try await quire.multiSearch(Array(first)).map { one in
                switch one {
                case .success(let reply): reply
                case .failure(let problem): ["refused": members(problem)]
                }
            })
    case "scan": return try await read(quire.scan(catalog, values(parameters)), into: &given)
    case "change":
        let create = parameters["create"] == true
        return try await read(
            quire.change(catalog, Array(second), batch: batch, refresh: refresh, create: create), into: &given)
    case "events": return try await read(quire.events(catalog, Array(second), batch: batch), into: &given)
    case "patch":
        return try await quire.patch(catalog, second.text ?? "", third, version: version, refresh: refresh)
    case "delete": return try await quire.delete(catalog, second.text ?? "", version: version, refresh: refresh)
    case "scopedKey":
        let catalogs = parameters["catalogs"] == .null ? nil : parameters["catalogs"].compactMap(\.text)
        return .text(
            scopedKey(
                catalog, second.text ?? "", filter: parameters["filter"].text, catalogs: catalogs,
                expires: whole(parameters["expires"])))
    default: fatalError("the client has no \(request["method"])")
    }
}

if CommandLine.arguments.count > 1 {
    try await snippet(CommandLine.arguments[1])
} else {
    let request = try JSON(bytes: FileHandle.standardInput.readDataToEndOfFile())
    var given: [JSON] = []
    do {
        print(JSON.object(["value": try await call(request, &given)]).encoded)
    } catch let problem as Problem {
        print(JSON.object(["problem": members(problem), "given": .list(given)]).encoded)
    } catch {
        print(JSON.object(["error": .text("\(error)"), "given": .list(given)]).encoded)
    }
}
