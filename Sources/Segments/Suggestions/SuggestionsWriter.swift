package import Analyzer
import Glibc
package import Kernels

/// A writer of the suggestions of one field: distinct texts with their forms, documents and weights.
///
/// ```swift
/// var writer = SuggestionsWriter()
/// forms.make("The Hobbit", by: .standard)
/// try writer.add(forms, documents: documents.elements, weight: 2071)
/// try writer.finish(segment, field: field)
/// ```
///
/// Format: `SegmentFormat.md`. Memory: 16 bytes for each key while they are sorted.
package struct SuggestionsWriter: ~Copyable {
    private var forms = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var keys = GrowableBuffer<Key>(capacity: 1 << 10)
    /// The documents of the suggestions, one after the other.
    private var documents = GrowableBuffer<UInt32>(capacity: 1 << 10)
    private var entries = GrowableBuffer<Entry>(capacity: 1 << 8)

    /// The ends of a suggestion's forms and of its documents.
    struct Entry: BitwiseCopyable {
        var formsEnd: UInt32
        var documentsEnd: Int
    }

    /// A key with the first eight bytes of its text, big endian.
    struct Key: BitwiseCopyable {
        var prefix: UInt64
        var offset: UInt32
        var score: UInt16
        var start: SuggestionForms.Start
    }

    /// Creates a writer without suggestions.
    package init() {}

    /// Adds a suggestion: its forms, the documents that have the text, ascending, and the greatest of their weights.
    ///
    /// Errors: `request` if all forms together exceed 4 GB.
    package mutating func add(
        _ suggestion: borrowing SuggestionForms, documents numbers: UnsafeBufferPointer<UInt32>, weight: Double
    ) throws(IndexError) {
        guard forms.count + suggestion.bytes.count <= Int(UInt32.max) else {
            throw .request(problem: "the suggestions of a segment exceed 4 GB; merge to more segments")
        }
        let start = UInt32(forms.count)
        forms.append(contentsOf: UnsafeRawBufferPointer(suggestion.bytes.elements))
        let score = SuggestionScore.score(weight: weight, length: suggestion.textLength)
        for key in suggestion.keys.elements {
            keys.append(Key(prefix: 0, offset: start + key.offset, score: score, start: key.start))
        }
        for number in numbers { documents.append(number) }
        entries.append(Entry(formsEnd: UInt32(forms.count), documentsEnd: documents.count))
    }

    /// Writes the section of a field. Errors: `request` if its parts exceed 4 GB, `storage`. Complexity: O(keys log
    /// keys).
    package mutating func finish(_ segment: SegmentWriter, field: Int) throws(IndexError) {
        sortKeys()
        var section = try SuggestionSection(segment, field: field)
        var (formsStart, documentsStart) = (0, 0)
        for entry in entries.elements {
            let bytes = UnsafeRawBufferPointer(start: forms.base + formsStart, count: Int(entry.formsEnd) - formsStart)
            let numbers = UnsafeBufferPointer(
                start: documents.base + documentsStart, count: entry.documentsEnd - documentsStart)
            _ = try section.add(forms: bytes, documents: numbers)
            (formsStart, documentsStart) = (Int(entry.formsEnd), entry.documentsEnd)
        }
        for key in keys.elements { try section.addKey(key.start, offset: key.offset, score: key.score) }
        try section.finish(in: segment)
    }

    /// Sorts the keys by their kinds, then by their texts up to the zero that ends each form; equal texts by their
    /// offsets.
    private mutating func sortKeys() {
        let base = forms.base
        for i in 0..<keys.count {
            var prefix: UInt64 = 0
            var p = base + Int(keys.base[i].offset)
            var shift: UInt64 = 56
            while p[0] != 0 {
                prefix |= UInt64(p[0]) &<< shift
                if shift == 0 { break }
                shift -= 8
                p += 1
            }
            keys.base[i].prefix = prefix
        }
        var order = UnsafeMutableBufferPointer(start: keys.base, count: keys.count)
        order.sort { a, b in
            if a.start != b.start { return a.start.rawValue < b.start.rawValue }
            if a.prefix != b.prefix { return a.prefix < b.prefix }
            // A text that ends within the first eight bytes has a zero there.
            if a.prefix & 0xFF != 0 {
                let order = strcmp(
                    UnsafeRawPointer(base + Int(a.offset)).assumingMemoryBound(to: CChar.self),
                    UnsafeRawPointer(base + Int(b.offset)).assumingMemoryBound(to: CChar.self))
                if order != 0 { return order < 0 }
            }
            return a.offset < b.offset
        }
    }
}
