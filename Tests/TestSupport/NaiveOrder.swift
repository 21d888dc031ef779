import Searching
import Segments

/// The order of hits by fields.
enum NaiveOrder {
    /// The value of a document for a sort criterion.
    static func value(_ document: NaiveDocument, _ sort: SortField, score: Float) -> SortValue {
        guard case .field(let name) = sort.origin else { return .score(score) }
        if let number = document.numbers[name] {
            return number.units.map { .integer($0) } ?? .float(number.plain)
        }
        let values = (document.keywords[name] ?? []).filter { !$0.isEmpty }
            .sorted { $0.lexicographicallyPrecedes($1) }
        return (sort.ascending ? values.first : values.last).map { .text($0) } ?? .missing
    }

    /// Returns true if `a` comes before `b`; hits that are equal in all fields are ordered by document id.
    static func precedes(
        _ a: (values: [SortValue], document: Int), _ b: (values: [SortValue], document: Int), _ fields: [SortField]
    ) -> Bool {
        for (i, field) in fields.enumerated() {
            let (x, y) = (a.values[i], b.values[i])
            if x == y { continue }
            if x == .missing { return field.missingFirst }
            if y == .missing { return !field.missingFirst }
            return isLess(x, y) == field.ascending
        }
        return a.document < b.document
    }

    private static func isLess(_ a: SortValue, _ b: SortValue) -> Bool {
        switch (a, b) {
        case (.integer(let x), .integer(let y)): x < y
        case (.float(let x), .float(let y)): x < y
        case (.text(let x), .text(let y)): x.lexicographicallyPrecedes(y)
        case (.score(let x), .score(let y)): x < y
        default: false
        }
    }
}
