extension RequestProblem {
    /// The problem of a parameter that a route does not have; `known` are the names of those it has.
    package static func unknownParameter(_ name: String, known: [String], hint: String? = nil) -> RequestProblem {
        let shortName = String(name.prefix(40))
        return RequestProblem(
            "unknown_parameter", shortName, "there is no parameter \"\(shortName)\"",
            hint: hint ?? "use: " + known.joined(separator: ", "))
    }

    /// The problem of a parameter that a request has twice.
    package static func repeatedParameter(_ name: String) -> RequestProblem {
        RequestProblem("repeated_parameter", name, "\"\(name)\" is given twice", hint: "use it once")
    }

    /// Returns the value of a parameter as a whole number.
    ///
    /// Errors: `bad_value` if the value is not a whole number in the range.
    package static func wholeNumber(
        _ value: String, _ name: String, in range: ClosedRange<Int>
    ) throws(RequestProblem) -> Int {
        if let number = Int(value), range.contains(number) { return number }
        throw RequestProblem(
            "bad_value", name,
            "\"\(value.prefix(40))\" is not a whole number from \(range.lowerBound) to \(range.upperBound)",
            hint: "use a number in that range")
    }
}
