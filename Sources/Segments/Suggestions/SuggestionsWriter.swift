package import Analyzer
import Glibc
package import Kernels

/// A writer of the suggestions of one field: distinct texts with their forms, documents and weights.
///
/// ```swift
/// var writer = SuggestionsWriter()
/// forms.make("The Hobbit", by: .standard)
/// try writer.add(forms, documents: documents.elements, weight: 2071)
/// try segment.section(.suggestions, field: field, writer.finish())
/// ```
///
/// Format: `SegmentFormat.md`. Memory: 16 bytes for each key while they are sorted.
package struct SuggestionsWriter: ~Copyable {
    private var forms = GrowableBuffer<UInt8>(capacity: 1 << 12)
    private var keys = GrowableBuffer<Key>(capacity: 1 << 10)
    private var documents = GrowableBuffer<UInt8>(capacity: 1 << 10)
    private var entries = GrowableBuffer<SuggestionEntry>(capacity: 1 << 8)

    /// A key with the first eight bytes of its text, big endian.
    struct Key: BitwiseCopyable {
        var prefix: UInt64
        var offset: UInt32
        var score: UInt16
        var start: SuggestionForms.Start
    }

    /// Creates a writer without suggestions.
    package init() {}

    /// The number of suggestions.
    package var count: Int { entries.count }

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
        var next: UInt32 = 0
        for number in numbers {
            documents.append(varint: UInt64(number - next))
            next = number + 1
        }
        entries.append(SuggestionEntry(formsEnd: UInt32(forms.count), documentsEnd: UInt32(documents.count)))
    }

    /// Returns the bytes of the section. Complexity: O(keys log keys).
    package consuming func finish() -> GrowableBuffer<UInt8> {
        sortKeys()
        var out = GrowableBuffer<UInt8>(
            capacity: forms.count + documents.count + keys.count * 8 + entries.count * 8 + 64)
        var starts = [Int](repeating: 0, count: SuggestionForms.Start.allCases.count)
        for key in keys.elements { starts[Int(key.start.rawValue)] += 1 }
        for number in [entries.count, forms.count, documents.count] + starts {
            out.append(littleEndian: UInt64(number))
        }
        for entry in entries.elements {
            out.append(littleEndian: entry.formsEnd)
            out.append(littleEndian: entry.documentsEnd)
        }
        for key in keys.elements { out.append(littleEndian: key.offset) }
        var level = GrowableBuffer<UInt16>(capacity: keys.count + 1)
        for key in keys.elements { level.append(key.score) }
        while true {
            for score in level.elements { out.append(littleEndian: score) }
            if level.count <= 1 { break }
            level = Self.maxima(of: level)
        }
        out.append(contentsOf: UnsafeRawBufferPointer(forms.elements))
        out.append(contentsOf: UnsafeRawBufferPointer(documents.elements))
        return out
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

    /// Returns the maximum of each `SuggestionIndex.fanOut` scores.
    private static func maxima(of scores: borrowing GrowableBuffer<UInt16>) -> GrowableBuffer<UInt16> {
        var maxima = GrowableBuffer<UInt16>(capacity: scores.count / SuggestionIndex.fanOut + 1)
        var start = 0
        while start < scores.count {
            var maximum: UInt16 = 0
            for i in start..<min(start + SuggestionIndex.fanOut, scores.count) { maximum = max(maximum, scores[i]) }
            maxima.append(maximum)
            start += SuggestionIndex.fanOut
        }
        return maxima
    }
}

/// The ends of a suggestion's forms and of its documents in their parts of the section.
struct SuggestionEntry: BitwiseCopyable {
    var formsEnd: UInt32
    var documentsEnd: UInt32
}
