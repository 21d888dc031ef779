// The rules as JSON. Members that a rule does not have are left out.

extension Rule: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("boost", ifPresent: boost)
            json.member("bury", ifPresent: bury)
            json.member("filter", ifPresent: filter)
            json.member("from", ifPresent: from)
            json.member("hide", ifPresent: hide)
            json.member("id", id)
            json.member("if_filter", ifPresent: ifFilter)
            json.member("pin", ifPresent: pin)
            json.member("query", ifPresent: query)
            json.member("redirect", ifPresent: redirect)
            json.member("replace", ifPresent: replace)
            json.member("until", ifPresent: until)
        }
    }
}

extension Rule.Pattern: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("contains", ifPresent: contains)
            json.member("is", ifPresent: self.is)
            json.member("prefix", ifPresent: prefix)
        }
    }
}

extension Rule.Pin: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("position", position)
        }
    }
}

extension Rule.Weight: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("factor", factor)
            json.member("filter", filter)
        }
    }
}
