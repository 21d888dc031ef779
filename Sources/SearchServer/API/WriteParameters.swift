import Hummingbird

/// The parameters of a change.
struct WriteParameters {
    /// True to respond when the change is visible to searches instead of when it is durable.
    var refresh = false
    /// The external version of the change, which must be greater than that of the document; nil for no check.
    var version: Int?

    /// The parameters of a change without any.
    init() {}

    /// Parses the parameters of a request. With several changes, `allowsVersion` is false: each has its own version.
    ///
    /// Errors: `unknown_parameter`, `bad_value`.
    init(_ request: Request, allowsVersion: Bool = true) throws(Problem) {
        for (name, value) in try queryParameters(request.uri.query ?? "") {
            switch name {
            case "refresh":
                guard let choice = ["true": true, "wait_for": true, "false": false][value] else {
                    throw Problem(
                        .badRequest, "bad_value", "\"\(value)\" is not one of true, wait_for, false", param: name,
                        hint: "true and wait_for respond when the changes are visible, false when they are durable")
                }
                refresh = choice
            case "version" where allowsVersion:
                guard let number = Int(value), number >= 0 else {
                    throw Problem(
                        .badRequest, "bad_value", "\"\(value)\" is not a version", param: name,
                        hint: "use a whole number from 0 that is greater than the version of the document")
                }
                version = number
            default:
                let known = allowsVersion ? ["refresh", "version"] : ["refresh"]
                throw Problem(
                    .unknownParameter(
                        name, known: known,
                        hint: allowsVersion ? nil : "use: refresh; each document has its version in _version"))
            }
        }
    }
}
