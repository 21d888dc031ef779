import Segments

extension CatalogStore {
    /// Returns the tuning of a catalog, for reading.
    ///
    /// Errors: `name`, `unknown` if the catalog does not exist, `storage`.
    package func tuning(_ name: String) throws(CatalogError) -> CatalogTuning {
        CatalogTuning(try folder.existingIndex(name))
    }

    /// Changes the tuning of a catalog, and returns the new revision. It is in force in this process when the call
    /// returns, in others within 250 milliseconds.
    ///
    /// Errors: those of `tuning` and of `change`.
    package func tune(
        _ name: String, _ change: (CatalogTuning) throws(CatalogError) -> TuningRevision
    ) throws(CatalogError) -> TuningRevision {
        let revision = try change(try tuning(name))
        showTuning(of: name)
        return revision
    }
}
