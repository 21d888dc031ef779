import Analyzer
import ArgumentParser
import Catalog
import Segments

/// `quire inspect`: shows the segments of a catalog, the statistics and sizes of its fields, and the bytes that each
/// feature of a member costs.
///
/// It reads the newest commit; changes of a running server that are not committed are not included.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show a catalog's schema, segments, sizes and statistics.")

    @OptionGroup var options: CatalogOptions

    @Flag(help: "Print everything as JSON.")
    var json = false

    /// The report of `--json`.
    private struct Report: Encodable {
        /// A field with its statistics, and its bytes by section.
        struct FieldReport: Encodable {
            var field: Field
            var statistics: FieldStatistics
            var bytes: [String: Int]
        }

        var catalog: String
        var documents: Int
        var generation: Int
        var manifest: Int
        var bytes: Int
        var segments: [SegmentDescription]
        var fields: [FieldReport]
        var otherBytes: [String: Int]
        var features: [FeatureSize]
    }

    func run() throws {
        let searcher = try options.folder.open(options.catalog)
        let report = Self.report(searcher)
        if json { return try Terminal.printJSON(report) }
        print(
            "\(report.catalog): \(Terminal.grouped(report.documents)) documents, \(Terminal.megabytes(report.bytes)), "
                + "generation \(report.generation), manifest \(report.manifest); this program folds text with ICU "
                + TextAnalyzer.libraryVersion)
        for segment in report.segments {
            print(
                "segment \(segment.name): \(Terminal.grouped(segment.documents)) documents, "
                    + Terminal.megabytes(segment.bytes))
        }
        print("field\ttype\tdocuments\tvalues or tokens\tterms\tbytes")
        for fieldReport in report.fields {
            let numbers = [
                fieldReport.statistics.documentCount, fieldReport.statistics.tokenCount,
                fieldReport.statistics.termCount, fieldReport.bytes.values.reduce(0, +),
            ]
            let columns = [fieldReport.field.name, fieldReport.field.type.rawValue] + numbers.map(Terminal.grouped)
            print(columns.joined(separator: "\t"))
        }
        for (name, bytes) in report.otherBytes.sorted(by: { $0.key < $1.key }) {
            print("\(name)\t\t\t\t\t\(Terminal.grouped(bytes))")
        }
        print("member\tpurpose\tbytes\tshare")
        for feature in report.features { print(feature.columns.joined(separator: "\t")) }
    }

    /// Collects the report of a catalog. Sections of no field are `otherBytes`.
    private static func report(_ searcher: CatalogSearcher) -> Report {
        let reader = searcher.reader
        var byField = [[String: Int]](repeating: [:], count: reader.schema.fields.count)
        var others: [String: Int] = [:]
        for size in reader.segments.flatMap(\.sizes) {
            if let field = size.field, let fieldIndex = reader.schema.field(field)?.index {
                byField[fieldIndex][size.section, default: 0] += size.bytes
            } else {
                others[size.section, default: 0] += size.bytes
            }
        }
        let fields = reader.schema.fields.enumerated().map { fieldIndex, field in
            Report.FieldReport(field: field, statistics: reader.statistics[fieldIndex], bytes: byField[fieldIndex])
        }
        return Report(
            catalog: searcher.name, documents: reader.documents, generation: reader.manifest.generation,
            manifest: reader.manifest.sequence, bytes: reader.manifest.segments.reduce(0) { $0 + $1.bytes },
            segments: reader.manifest.segments, fields: fields, otherBytes: others,
            features: FeatureSize.all(reader))
    }
}
