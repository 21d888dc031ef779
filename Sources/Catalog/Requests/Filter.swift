/// What documents must have, besides matching the words.
public indirect enum Filter: Sendable, Equatable {
    /// All of these hold.
    case all([Filter])
    /// At least one of these holds.
    case any([Filter])
    /// This does not hold.
    case not(Filter)
    /// A field's value is one that is looked for.
    case test(field: String, Condition)

    /// What a field's value must be.
    public enum Condition: Sendable, Equatable {
        /// One of these.
        case values([String])
        /// Between two bounds, each of which may be missing.
        case range(lower: Bound?, upper: Bound?)
        /// Any at all.
        case exists
    }

    /// An end of a range, as it was written.
    public struct Bound: Sendable, Equatable {
        /// The value.
        public var text: String
        /// Whether the value itself will do.
        public var isIncluded: Bool

        /// A bound that is in the range unless told otherwise.
        public init(_ text: String, isIncluded: Bool = true) {
            self.text = text
            self.isIncluded = isIncluded
        }
    }

    /// Documents with any of some values in a field.
    public static func values(_ field: String, _ values: [String]) -> Filter { .test(field: field, .values(values)) }

    /// What must hold together: the parts of a conjunction, or the filter itself.
    var parts: [Filter] {
        guard case .all(let parts) = self else { return [self] }
        return parts.flatMap(\.parts)
    }

    /// The field it speaks of; nil when there are several.
    var onlyField: String? {
        switch self {
        case .test(let field, _): return field
        case .not(let inner): return inner.onlyField
        case .all(let parts), .any(let parts):
            // Each part is asked once: parts may stand in each other many levels deep.
            let fields = Set(parts.map(\.onlyField))
            return fields.count == 1 ? fields.first ?? nil : nil
        }
    }

    /// The values it names as those to have.
    var namedValues: [String] {
        switch self {
        case .test(_, .values(let values)): values
        case .test, .not: []
        case .all(let parts), .any(let parts): parts.flatMap(\.namedValues)
        }
    }
}
