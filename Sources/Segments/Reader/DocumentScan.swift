/// A walk through the live documents of a view, in the order of their arrival, as they would be added again: the values
/// of their stored members, with patched numbers.
///
/// ```swift
/// let scan = DocumentScan(reader)
/// try scan.forEach { document, version throws(IndexError) in try writer.add(document) }
/// ```
package final class DocumentScan {
    private let reader: IndexReader
    /// The document of the call, reused.
    private var document = DocumentBuffer()

    /// Creates a walk; nothing is read yet.
    package init(_ reader: IndexReader) { self.reader = reader }

    /// Calls `body` with each live document, made of `reader.members`, and its version. Rethrows its error, which ends
    /// the walk.
    ///
    /// Errors: `corrupt`. Complexity: O(bytes of the rows).
    package func forEach(
        _ body: (_ document: borrowing DocumentBuffer, _ version: Int?) throws(IndexError) -> Void
    ) throws(IndexError) {
        for (index, segment) in reader.segments.enumerated() {
            let versions = try reader.column(index, .versions)
            let patcher = RowPatcher(reader.members, reader.schema, reader.updates[index])
            var number = -1
            var failure: IndexError?
            let isIntact = segment.rows.forEachRow { row in
                number += 1
                guard failure == nil, reader.live[index]?.contains(number) ?? true else { return }
                do throws(IndexError) {
                    try decode(row, number, patcher, segment)
                    try body(document, versions.key(number).map { Int(SortKey.integer($0)) })
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            guard isIntact else { throw segment.corrupt(.rows, 0, 0, "a block of rows cannot be decoded") }
        }
    }

    /// Decodes a row of a segment into `document`.
    private func decode(
        _ row: UnsafeRawBufferPointer, _ number: Int, _ patcher: RowPatcher, _ segment: SegmentReader
    ) throws(IndexError) {
        guard document.decode(row: row, reader.members) else {
            throw segment.corrupt(.rows, 0, 0, "the row of document \(number) cannot be decoded")
        }
        for (member, bits) in patcher.patchedNumbers(of: number) {
            document.replace(member, reader.members.all[member].kind, bits: bits)
        }
    }
}
