public import Indexer
public import Segments

/// A schema inferred from the first records of the input.
public struct InferredSchema: Sendable {
    /// The schema; members that were not in the sample are ignored.
    public let schema: Schema
    /// The mapping that the schema needs: the one that was given, and for keys that are numbers one that reads them as
    /// text.
    public let mapping: Mapping
    /// The decisions, one for each group of members that are treated alike: `title → text (english) with whole`.
    public let decisions: [String]
    /// The number of records of the sample.
    public let records: Int
}

extension InferredSchema {
    /// The search profile that a catalog with this schema has unless another one is given.
    package var profile: SearchProfile { SearchProfile(roles: schema) }
}
