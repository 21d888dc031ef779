import Hummingbird

/// `refresh` and `version`.
struct WriteParameters {
    var refresh = false
    var version: Int?

    /// Errors: a parameter that is not known or has no such value.
    init(_ request: Request, allowsVersion: Bool = true) throws(Problem) {
        for (name, value) in try queryParameters(request.uri.query ?? "") {
            switch name {
            case "refresh":
                guard let wanted = ["true": true, "wait_for": true, "false": false][value] else {
                    throw Problem(
                        .badRequest, "bad_value", "\"\(value)\" is none of true, wait_for, false", param: name,
                        hint: "true and wait_for answer when the changes are seen, false when they are durable")
                }
                refresh = wanted
            case "version" where allowsVersion:
                guard let number = Int(value), number >= 0 else {
                    throw Problem(
                        .badRequest, "bad_value", "\"\(value)\" is no version", param: name,
                        hint: "versions are whole numbers from 0; a change needs a greater one than its document has")
                }
                version = number
            default:
                throw Problem(
                    .badRequest, "unknown_parameter", "there is no parameter \"\(name)\" here", param: name,
                    hint: allowsVersion
                        ? "there are: refresh, version" : "there is: refresh; a version is a document's member _version"
                )
            }
        }
    }
}
