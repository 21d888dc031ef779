package import Analyzer
import Kernels

/// The section of a field's suggestions while it is written: parts that grow side by side and are put one after the
/// other in the end. Each is kept in a file from `SegmentWriter`'s `spillBytes` on.
///
/// Call order: `add` for each suggestion, `addKey` for each key in the order of the format, `finish`. No other section
/// of the segment may be written meanwhile.
///
/// ```swift
/// var section = try SuggestionSection(segment, field: 7)
/// let start = try section.add(forms: forms, documents: documents)
/// try section.addKey(.beginning, offset: start, score: score)
/// try section.finish(in: segment)
/// ```
///
/// Format: `SegmentFormat.md`. Memory: two bytes for each 64 keys, besides the parts.
package struct SuggestionSection: ~Copyable {
    private let stream: SectionStream
    private var entries = SpilledBytes()
    private var keys = SpilledBytes()
    private var scores = SpilledBytes()
    private var forms = SpilledBytes()
    private var documents = SpilledBytes()
    /// The number of keys of each kind.
    private var keyCounts = [Int](repeating: 0, count: SuggestionForms.Start.allCases.count)
    /// The maxima of the scores of each `SuggestionIndex.fanOut` keys.
    private var maxima = GrowableBuffer<UInt16>(capacity: 64)
    /// The number of suggestions.
    private var count = 0

    /// Begins the section of a field. Errors: `storage`.
    package init(_ segment: SegmentWriter, field: Int) throws(IndexError) {
        stream = try segment.stream(.suggestions, field: field)
    }

    /// Adds a suggestion with its forms and the documents that have the text, ascending. Returns the offset of its
    /// forms.
    ///
    /// Errors: `request` if all forms, or all documents, exceed 4 GB; `storage`.
    package mutating func add(
        forms bytes: UnsafeRawBufferPointer, documents numbers: UnsafeBufferPointer<UInt32>
    ) throws(IndexError) -> UInt32 {
        let start = forms.count
        var next: UInt32 = 0
        for number in numbers {
            documents.tail.append(varint: UInt64(number - next))
            next = number + 1
        }
        guard start + bytes.count <= Int(UInt32.max), documents.count <= Int(UInt32.max) else {
            throw .request(problem: "the suggestions of a segment exceed 4 GB; merge to more segments")
        }
        forms.tail.append(contentsOf: bytes)
        entries.tail.append(littleEndian: UInt32(forms.count))
        entries.tail.append(littleEndian: UInt32(documents.count))
        count += 1
        try forms.spillWhenLarge(beside: stream)
        try documents.spillWhenLarge(beside: stream)
        try entries.spillWhenLarge(beside: stream)
        return UInt32(start)
    }

    /// Adds the next key: its kind, its offset in the forms and its score. Errors: `storage`.
    package mutating func addKey(
        _ start: SuggestionForms.Start, offset: UInt32, score: UInt16
    ) throws(IndexError) {
        let number = keyCounts.reduce(0, +)
        if number % SuggestionIndex.fanOut == 0 { maxima.append(score) }
        maxima[maxima.count - 1] = max(maxima[maxima.count - 1], score)
        keyCounts[Int(start.rawValue)] += 1
        keys.tail.append(littleEndian: offset)
        scores.tail.append(littleEndian: score)
        try keys.spillWhenLarge(beside: stream)
        try scores.spillWhenLarge(beside: stream)
    }

    /// Writes the parts, and ends the section. Errors: `storage`, `stopped` when the segment's rate limiter was
    /// canceled.
    package mutating func finish(in segment: SegmentWriter) throws(IndexError) {
        var head = GrowableBuffer<UInt8>(capacity: 128)
        for number in [count, forms.count, documents.count] + keyCounts { head.append(littleEndian: UInt64(number)) }
        try stream.append(UnsafeRawBufferPointer(head.elements))
        try entries.write(to: stream)
        try keys.write(to: stream)
        try scores.write(to: stream)
        if keyCounts.reduce(0, +) > 1 { try writeMaxima() }
        try forms.write(to: stream)
        try documents.write(to: stream)
        segment.end(stream)
    }

    /// Writes the levels above the scores, up to one of a single node.
    private mutating func writeMaxima() throws(IndexError) {
        while true {
            var level = GrowableBuffer<UInt8>(capacity: maxima.count * 2 + 2)
            for maximum in maxima.elements { level.append(littleEndian: maximum) }
            try stream.append(UnsafeRawBufferPointer(level.elements))
            if maxima.count <= 1 { return }
            var above = GrowableBuffer<UInt16>(capacity: maxima.count / SuggestionIndex.fanOut + 1)
            for (index, maximum) in maxima.elements.enumerated() {
                if index % SuggestionIndex.fanOut == 0 { above.append(maximum) }
                above[above.count - 1] = max(above[above.count - 1], maximum)
            }
            maxima = above
        }
    }
}
