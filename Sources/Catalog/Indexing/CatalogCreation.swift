import Segments

extension CatalogStore {
    /// Creates a catalog without documents. Blocks.
    ///
    /// Errors: `name`; `exists`; `request` without a schema; `profile` if the profile does not fit the schema, `index`.
    package func create(_ name: String, _ plan: RebuildPlan) throws(CatalogError) {
        guard let schema = plan.schema else {
            throw .request(
                RequestProblem(
                    "missing_schema", "schema", "a catalog without documents needs a schema",
                    hint: "send {\"schema\": {…}}, or documents as application/x-ndjson to infer it from"))
        }
        try IndexJob.create(name, in: folder, schema: schema, profile: plan.profile.map { ($0, "profile") })
    }

    /// Creates a catalog of the documents in a file, one JSON object a line, with the schema that they suggest, and
    /// returns how many there are. Blocks.
    ///
    /// Errors: `name`; `exists`; `badRecords`, `input` if they suggest none; `index`.
    package func create(_ name: String, documents path: String) throws(CatalogError) -> Int {
        let index = try folder.index(name)
        guard creating.withLock({ $0.insert(name).inserted }) else { throw .exists(name, path: index.path) }
        defer { _ = creating.withLock { $0.remove(name) } }
        if try folder.catalogs().contains(name) { throw .exists(name, path: index.path) }
        var job = IndexJob(files: [path], schema: nil)
        job.format = .ndjson
        job.infersSchema = true
        return try job.run(name, in: folder).documents
    }
}
