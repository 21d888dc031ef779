package import Searching
package import Segments

// The members of objects stand in the order of their names; those of a document in the order in which they are stored.

extension SearchReply: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { writeMembers(to: &$0) }
    }

    /// Writes the members of the object.
    package func writeMembers(to json: inout JSONWriter) {
        json.member("applied", applied)
        json.member("corrected_query", ifPresent: correctedQuery)
        json.member("did_you_mean", ifPresent: didYouMean)
        json.member("facets", facets)
        json.member("found", found)
        json.member("generation", generation)
        json.member("groups", ifPresent: groups)
        json.member("hits", hits)
        json.member("next", ifPresent: next)
        json.member("page", page)
        json.member("pages", pages)
        json.member("partial", partial)
        json.member("per_page", perPage)
        json.member("query", query)
        json.member("query_id", ifPresent: queryID)
        json.member("redirect", ifPresent: redirect)
        json.member("tiers", tiers)
        json.member("truncated", ifPresent: truncated)
    }
}

extension SearchReply.Hit: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("document", document)
            json.member("explain", ifPresent: explain)
            json.member("group_size", ifPresent: groupSize)
            json.member("highlights", highlights)
            json.member("id", id)
            json.member("pinned", ifPresent: pinned)
            json.member("reason", ifPresent: reason)
            json.member("score", score)
            json.member("tier", ifPresent: tier)
        }
    }
}

extension SearchReply.Tier: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("found", found)
            json.member("name", name)
        }
    }
}

extension SearchReply.Highlight: JSONWritable {
    /// Writes a string or an array of strings.
    package func write(to json: inout JSONWriter) {
        switch self {
        case .one(let text): json.value(text)
        case .many(let texts): texts.write(to: &json)
        }
    }
}

extension SearchReply.Facet: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("distinct", ifPresent: distinct)
            json.member("field", field)
            json.member("histogram", ifPresent: histogram)
            json.member("label", ifPresent: label)
            json.member("operator", self.operator)
            json.member("other", ifPresent: other)
            json.member("ranges", ifPresent: ranges)
            json.member("stats", ifPresent: stats)
            json.member("values", ifPresent: values)
        }
    }
}

extension SearchReply.Facet.ListedValue: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("count", count)
            json.member("label", ifPresent: label)
            json.member("selected", selected)
            json.member("value", value)
        }
    }
}

extension SearchReply.Facet.Interval: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("count", count)
            json.member("from", ifPresent: from)
            json.member("range", range)
            json.member("to", ifPresent: to)
        }
    }
}

extension SearchReply.Facet.Edge: JSONWritable {
    /// Writes a number or a string.
    package func write(to json: inout JSONWriter) {
        switch self {
        case .number(let number): json.value(number)
        case .date(let text): json.value(text)
        }
    }
}

extension SearchReply.Facet.Bucket: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("count", count)
            json.member("from", from)
            json.member("to", to)
        }
    }
}

extension SearchReply.Facet.Stats: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("avg", ifPresent: avg)
            json.member("count", count)
            json.member("max", ifPresent: max)
            json.member("min", ifPresent: min)
            json.member("sum", ifPresent: sum)
        }
    }
}

extension SearchReply.Applied: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("homophones", homophones)
            json.member("pinyin", pinyin)
            json.member("quotes", quotes)
            json.member("relaxed", relaxed)
            json.member("replaced", ifPresent: replaced)
            json.member("rules", rules)
            json.member("synonyms", synonyms)
            json.member("typos", typos)
        }
    }
}

extension StoredDocument: JSONWritable {
    /// Writes an object of the members.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            for (name, value) in members { json.member(name, value) }
        }
    }
}

extension StoredValue: JSONWritable {
    /// Writes a value of the same type.
    package func write(to json: inout JSONWriter) {
        switch self {
        case .text(let text): json.value(text)
        case .integer(let number): json.value(number)
        case .float(let number): json.value(number)
        case .boolean(let isTrue): json.value(isTrue)
        case .list(let values): values.write(to: &json)
        }
    }
}

extension Explanation: JSONWritable {
    /// Writes an object with its details, which are left out if there are none.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            if !details.isEmpty { json.member("details", details) }
            json.member("matches", matches)
            json.member("value", value)
            json.member("what", what)
        }
    }
}
