import Hummingbird

/// The parameters of a change.
struct WriteParameters {
    /// True to respond when the change is visible to searches instead of when it is durable.
    var refresh = false
    /// True if documents must be new: those whose keys are there are refused.
    var create = false
    /// The external version of the change, which must be greater than that of the document; nil for no check.
    var version: Int?

    /// The parameters of a change without any.
    init() {}

    /// Parses the parameters of a request: `create` if it has documents, which have their versions, else `version`.
    ///
    /// Errors: `unknown_parameter`, `bad_value`.
    init(_ request: Request, hasDocuments: Bool = false) throws(Problem) {
        for (name, value) in try queryParameters(request.uri.query ?? "") {
            switch name {
            case "refresh":
                guard let choice = ["true": true, "wait_for": true, "false": false][value] else {
                    throw Problem(
                        .badRequest, "bad_value", "\"\(value)\" is not one of true, wait_for, false", param: name,
                        hint: "true and wait_for respond when the changes are visible, false when they are durable")
                }
                refresh = choice
            case "create" where hasDocuments:
                guard let choice = ["true": true, "false": false][value] else {
                    throw Problem(
                        .badRequest, "bad_value", "\"\(value)\" is not true or false", param: name,
                        hint: "true refuses documents whose keys are there, false replaces those")
                }
                create = choice
            case "version" where !hasDocuments:
                guard let number = Int(value), number >= 0 else {
                    throw Problem(
                        .badRequest, "bad_value", "\"\(value)\" is not a version", param: name,
                        hint: "use a whole number from 0 that is greater than the version of the document")
                }
                version = number
            default:
                let known = ["refresh", hasDocuments ? "create" : "version"]
                throw Problem(
                    .unknownParameter(
                        name, known: known,
                        hint: hasDocuments ? "use: refresh, create; each document has its version in _version" : nil))
            }
        }
    }
}
