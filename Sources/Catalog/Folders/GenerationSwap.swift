extension CatalogStore {
    /// Makes the other generation of a catalog the current one, which goes on taking all changes, so that it can be
    /// rolled back to. Blocks until searches see it.
    ///
    /// Errors: as for `writer`; `index(.request)` if there is no such generation, or it is not ready.
    package func swap(_ name: String, isRollback: Bool = false) throws(CatalogError) {
        let writer = try writer(name)
        try CatalogTuning(folder.existingIndex(name)).carryOver { () throws(CatalogError) in
            try writer.swap(isRollback: isRollback)
        }
        // With another schema it is opened again.
        if writer.isOutdated { _ = try self.writer(name) }
        showTuning(of: name)
    }
}
