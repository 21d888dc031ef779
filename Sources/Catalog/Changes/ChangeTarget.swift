package import Segments

/// A receiver of changes of a catalog: its writer, or a rebuild that is filled from a source.
package protocol ChangeTarget: Sendable {
    /// The schema of the documents.
    var schema: Schema { get }

    /// Writes changes, and returns when they are written, with `refresh` when they are also visible. The results are in
    /// the order of the changes. `failure` is the error that prevented all of them from being written, which their
    /// results repeat.
    func write(
        _ changes: CollectedChanges, refresh: Bool
    ) async -> (results: [ChangeResult], failure: CatalogError?)
}

extension ChangeTarget {
    /// Returns a new collector for changes, whose documents must be new if `onlyNew` is true. `line` is the number of
    /// the last line before the first.
    ///
    /// Errors: `input` if the schema cannot be read from JSON objects.
    package func collector(onlyNew: Bool = false, after line: Int = 0) throws(CatalogError) -> ChangeCollector {
        try ChangeCollector(schema, onlyNew: onlyNew, after: line)
    }
}
