// The parts of a profile that a search page is told. Absent members are left out.

extension SearchProfile.LabeledField: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("by", ifPresent: by)
            json.member("field", field)
            json.member("label", label)
            json.member("values", ifPresent: values)
        }
    }
}

extension SearchProfile.Division: JSONWritable {
    /// Writes a number, or the name of a period.
    package func write(to json: inout JSONWriter) {
        switch self {
        case .number(let width): json.value(width)
        case .period(let unit): json.value(unit.rawValue)
        }
    }
}

extension SearchProfile.Display: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("by", ifPresent: by)
            json.member("currency", ifPresent: currency)
            json.member("description", ifPresent: description)
            json.member("details", ifPresent: details)
            json.member("price", ifPresent: price)
            json.member("rating", ifPresent: rating)
            json.member("subtitle", ifPresent: subtitle)
            json.member("title", ifPresent: title)
        }
    }
}
