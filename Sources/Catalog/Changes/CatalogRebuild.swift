import FoundationEssentials
package import Indexer
package import Segments

/// A new generation of a catalog that is being filled from a source: it receives the documents of an export while the
/// catalog is searched and changed.
///
/// ```swift
/// let rebuild = try writer.rebuild(RebuildPlan(json: []), from: .documents)
/// let (results, failure) = await rebuild.write(collector.drain(), refresh: false)
/// try rebuild.finish()
/// try store.swap("books")
/// ```
package struct CatalogRebuild: ChangeTarget {
    private let standby: StandbyIndex

    fileprivate init(_ standby: StandbyIndex) { self.standby = standby }

    package var schema: Schema { standby.schema }

    package func write(
        _ changes: CollectedChanges, refresh: Bool
    ) async -> (results: [ChangeResult], failure: CatalogError?) {
        let result = await withCheckedContinuation { continuation in
            do throws(IndexError) {
                try standby.submit(changes.batch) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        let outcomes = result.mapError { CatalogError.index($0) }
        if case .failure(let error) = outcomes { return (changes.results(outcomes), error) }
        return (changes.results(outcomes), nil)
    }

    /// Records that all documents of the source were written. Blocks until they are durable.
    ///
    /// Errors: `index`.
    package func finish() throws(CatalogError) { try indexing { () throws(IndexError) in try standby.finish() } }
}

/// The generations of a catalog.
package struct RebuildState: Sendable, Equatable {
    /// The stages of the other generation.
    package enum Stage: String, Sendable {
        /// It is being filled.
        case filling
        /// It has everything that the current generation has, and follows its changes.
        case ready
        /// It cannot be written at the moment.
        case failed
    }

    /// The generation that is searched.
    package var generation: Int
    /// The stage of the other generation; nil if there is none.
    package var stage: Stage?
    /// The other generation.
    package var standby: StandbyProgress?
    /// The number of changes that it has yet to follow.
    package var behind: Int

    /// True if the other generation is the one that a rebuild replaced.
    package var isPrevious: Bool { standby.map { $0.generation < generation } ?? false }
}

extension RebuildState: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("generation", generation)
            guard let standby, let stage else { return }
            json.name("other")
            json.object { json in
                json.member("behind", behind)
                json.member("documents", standby.documents)
                json.member("generation", standby.generation)
                json.member("previous", isPrevious)
                json.member("problem", ifPresent: standby.failure.map { CatalogError.index($0).writeFailure.detail })
                json.member("refusal", ifPresent: standby.refusal)
                json.member("refused", standby.refused)
                if let rows = standby.rows {
                    json.member("rows", rows.all)
                    json.member("rows_read", rows.read)
                }
                json.member("source", ifPresent: standby.pending?.rawValue)
                json.member("stage", stage.rawValue)
            }
        }
    }
}

extension DocumentDifferences: JSONWritable {
    /// Writes an object.
    package func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("compared", compared)
            json.member("examples", examples)
            json.member("extra", extra)
            json.member("missing", missing)
            json.member("stale", stale)
        }
    }
}

/// The plan of a rebuild: what is to be different.
package struct RebuildPlan: Sendable {
    /// The new schema; nil for that of the catalog.
    package var schema: Schema?
    /// The new profile as JSON; nil for that of the catalog.
    package var profile: [UInt8]?

    private struct Body: Decodable {
        var schema: Schema?
        var profile: JSONValue?
    }

    /// Reads a JSON object with `schema`, `profile`, both or neither; no bytes are a plan without them.
    ///
    /// Errors: `request` for anything else.
    package init(json: [UInt8]) throws(CatalogError) {
        if json.allSatisfy({ [0x20, 9, 10, 13].contains($0) }) { return }
        do {
            let body = try JSONDecoder().decode(Body.self, from: Data(json))
            schema = body.schema
            profile = body.profile.map { value in
                var json = JSONWriter()
                value.write(to: &json)
                return json.withBytes { Array($0) }
            }
        } catch {
            let problem = (error as? IndexError)?.description ?? describe(error)
            throw .request(
                RequestProblem(
                    "bad_rebuild", "body", problem,
                    hint: #"send {"schema": {…}, "profile": {…}}, or one of them, or an empty body"#))
        }
    }
}

extension CatalogWriter {
    /// Begins a new generation beside the current one, or goes on with an interrupted one of the same plan: with
    /// another schema or profile, by default with those that the catalog has. From rows it fills itself, and
    /// `rebuildState` tells how far it is; documents are written to what is returned.
    ///
    /// Errors: `profile` if the profile does not fit the schema, `index`.
    package func rebuild(_ plan: RebuildPlan, from source: Rebuild.Origin) throws(CatalogError) -> CatalogRebuild {
        try begin()
        defer { end() }
        let manifest = view.manifest
        let schema = plan.schema ?? manifest.schema
        guard schema.key == manifest.schema.key else {
            throw .request(
                RequestProblem(
                    "bad_rebuild", "schema",
                    "the key is \"\(schema.key)\", and that of the catalog is \"\(manifest.schema.key)\"",
                    hint: "documents are found by their keys: load them with `quire index --schema` instead"))
        }
        var payload = manifest.payload
        for key in [SearchProfile.payloadKey, SearchProfile.synonymsKey] { payload[key] = nil }
        let own = try plan.profile.map { json throws(CatalogError) in try ProfileParts(json: json, path: "profile") }
        payload[SearchProfile.ownProfileKey] = own.map { $0.synonyms == nil ? "members" : "all" }
        let tuning = TuningFolder(live.folder)
        var parts = try ProfileParts.inForce(tuning.newestRevision(), manifest, path: live.folder.path)
        if let own { parts = ProfileParts(members: own.members, synonyms: own.synonyms ?? parts.synonyms ?? []) }
        payload.merge(parts.payload) { $1 }
        if schema != manifest.schema { payload[SearchProfile.inferredKey] = nil }
        if let json = payload[SearchProfile.payloadKey] {
            let path = plan.profile == nil ? "the catalog" : "profile"
            _ = try SearchProfile(json: Array(json.utf8), path: path, schema: schema)
        }
        var rebuild = Rebuild(schema: schema, payload: payload, source: source)
        rebuild.lastGeneration = try tuning.revisions().map(\.generation).max() ?? 0
        return CatalogRebuild(try indexing { () throws(IndexError) in try live.rebuild(rebuild) })
    }

    /// The rebuild that is being filled from a source; nil for none.
    package var rebuild: CatalogRebuild? {
        guard let standby = live.standby else { return nil }
        let progress = standby.progress
        return progress.pending == .documents && !progress.isInterrupted ? CatalogRebuild(standby) : nil
    }

    /// The generations now.
    package var rebuildState: RebuildState {
        let progress = live.standby?.progress
        let stage: RebuildState.Stage? = progress.map {
            $0.failure != nil ? .failed : $0.isFilled ? .ready : .filling
        }
        return RebuildState(
            generation: view.manifest.generation, stage: stage, standby: progress,
            behind: progress.map { max(0, live.lastChange - $0.followed) } ?? 0)
    }

    /// Compares the documents of the other generation with those of the current one, and blocks until that is done.
    ///
    /// Errors: `index`.
    package func differences() throws(CatalogError) -> DocumentDifferences {
        try indexing { () throws(IndexError) in try live.differences() }
    }

    /// Makes the other generation the current one, which must be the one that a rebuild made, or with `isRollback` the
    /// one that it replaced. Blocks.
    ///
    /// Errors: `index(.request)` if there is none, or it is not ready; `index`.
    func swap(isRollback: Bool) throws(CatalogError) {
        let state = rebuildState
        if let other = state.standby, state.isPrevious != isRollback {
            throw .index(
                .request(
                    problem: isRollback
                        ? "the generation \(other.generation) was not searched before: swap, or remove it"
                        : "the generation \(other.generation) is the one that was replaced: roll back, or rebuild"))
        }
        try indexing { () throws(IndexError) in try live.swap() }
    }

    /// Removes the other generation. Errors: `index(.request)` if there is none, `index`.
    package func dropRebuild() throws(CatalogError) {
        try indexing { () throws(IndexError) in try live.dropStandby() }
    }
}
