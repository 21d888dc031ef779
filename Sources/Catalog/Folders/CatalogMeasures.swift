package import Indexer
import Segments

/// The size and the state of one catalog, for whoever operates its server.
package struct CatalogMeasures: Sendable {
    /// The number of documents, and the state.
    package var summary: CatalogSummary
    /// The number of segments that are searched, and of their bytes; 0 while the catalog is not open.
    package var segments = 0
    package var segmentBytes = 0
    /// True if an error keeps changes from being written.
    package var isWritingStopped = false
    /// The work of its writer so far; nil if no change has come lately.
    package var counts: LiveCounts?
}

extension CatalogStore {
    /// Returns the measures of all catalogs, by name. Opens none that is not open.
    ///
    /// Errors: `storage` if the folder cannot be listed.
    package func measures() throws(CatalogError) -> [CatalogMeasures] {
        try summaries().map { summary in
            var measures = CatalogMeasures(summary: summary)
            let writer = openWriter(summary.name)
            measures.isWritingStopped = writer?.live.failure != nil
            measures.counts = writer?.live.counts
            for segment in (writer?.view ?? openReader(summary.name))?.segments ?? [] {
                measures.segments += 1
                measures.segmentBytes += segment.description.bytes
            }
            return measures
        }
    }
}
