/// A condition that documents must meet besides matching the query. It does not affect scores.
///
/// ```swift
/// // language:=[zh, en] && year:2000..
/// let filter = Filter.all([
///     .values("language", ["zh", "en"]), .test(field: "year", .range(lower: .init("2000"), upper: nil)),
/// ])
/// ```
package indirect enum Filter: Sendable, Equatable {
    /// All of the filters hold.
    case all([Filter])
    /// At least one of the filters holds.
    case any([Filter])
    /// The filter does not hold.
    case not(Filter)
    /// The document has a value in the field that meets the condition.
    case test(field: String, Condition)

    /// A condition on a value of a field. Values are texts; `FilterQueries` converts them to the type of the field.
    package enum Condition: Sendable, Equatable {
        /// The value is one of these.
        case values([String])
        /// The value is between two bounds, one of which may be missing.
        case range(lower: Bound?, upper: Bound?)
        /// The field has any value.
        case exists
        /// The value is like a text in which `*` stands for any number of characters and `?` for one.
        case wildcard(String)
        /// The whole value matches a regular expression.
        case expression(String)
    }

    /// A bound of a range, as it was written.
    package struct Bound: Sendable, Equatable {
        /// The value.
        package var text: String
        /// True if the range includes the value itself.
        package var isIncluded: Bool

        /// Creates a bound, inclusive by default.
        package init(_ text: String, isIncluded: Bool = true) {
            self.text = text
            self.isIncluded = isIncluded
        }
    }

    /// Returns a filter for documents with one of several values in a field.
    package static func values(_ field: String, _ values: [String]) -> Filter { .test(field: field, .values(values)) }

    /// The flattened parts of a conjunction, or the filter itself.
    var parts: [Filter] {
        guard case .all(let parts) = self else { return [self] }
        return parts.flatMap(\.parts)
    }

    /// The field, if all its tests are on the same one; nil otherwise. Complexity: O(tests).
    var onlyField: String? {
        switch self {
        case .test(let field, _): return field
        case .not(let inner): return inner.onlyField
        case .all(let parts), .any(let parts):
            // Each part is visited once: filters may be nested many levels deep.
            let fields = Set(parts.map(\.onlyField))
            return fields.count == 1 ? fields.first ?? nil : nil
        }
    }

    /// The values of all tests that are not negated, for marking them as selected.
    var namedValues: [String] {
        switch self {
        case .test(_, .values(let values)): values
        case .test, .not: []
        case .all(let parts), .any(let parts): parts.flatMap(\.namedValues)
        }
    }
}
