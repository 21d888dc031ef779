import Analyzer
import Kernels
import Segments

/// The buffer of a suggestion field in the segment being built.
///
/// Shape: the distinct texts, and a pair of a text and a document for each value.
final class SuggestionFieldBuffer {
    private let analyzer: TextAnalyzer
    private var texts = Lexicon()
    private var pairs = GrowableBuffer<Pair>(capacity: 1 << 8)
    private var forms = SuggestionForms()
    /// The number of documents that were added with their values.
    private var documents = 0

    /// A document that has a text.
    private struct Pair: BitwiseCopyable {
        var text: UInt32
        var document: UInt32
    }

    /// Creates an empty buffer of a suggestion field of a schema.
    init(_ field: Field, _ schema: Schema) {
        analyzer = schema.analyzer(field.analyzer) ?? .standard
    }

    /// Bytes of memory in use and needed to write: for each text its forms and 16 bytes for each key.
    var byteCount: Int { texts.byteCount + pairs.byteCount * 2 + texts.bytes.count * 40 + texts.count * 160 }

    /// Appends the next document with its values of one member.
    func add(_ document: borrowing DocumentBuffer, member: UInt32) {
        for i in 0..<document.values.count where document.values[i].member == member {
            forms.makeText(document.text(document.values[i]), by: analyzer)
            add(forms.text, to: documents)
        }
        documents += 1
    }

    /// Adds a text, as the first of its forms, to a document. The documents of each text must ascend.
    func add(_ text: UnsafeBufferPointer<UInt8>, to document: Int) {
        guard let start = text.baseAddress, !text.isEmpty else { return }
        let number = texts.intern(start, text.count, hash: hash64(start, text.count))
        pairs.append(Pair(text: number, document: UInt32(document)))
    }

    /// Writes the suggestions; `weights` has the weight of each document. Errors: `storage`.
    func write(to segment: SegmentWriter, field: Int, weights: [Double]?) throws(IndexError) -> FieldStatistics {
        var statistics = FieldStatistics(
            documentCount: Set(pairs.elements.lazy.map(\.document)).count, tokenCount: pairs.count)
        statistics.termCount = texts.count
        // The documents of each text, by counting.
        var starts = GrowableBuffer<UInt32>(capacity: texts.count + 2)
        starts.append(repeating: 0, count: texts.count + 2)
        for pair in pairs.elements { starts[Int(pair.text) + 2] += 1 }
        for i in 2..<starts.count { starts[i] += starts[i - 1] }
        var numbers = GrowableBuffer<UInt32>(capacity: pairs.count + 1)
        numbers.count = pairs.count
        for pair in pairs.elements {
            numbers.base[Int(starts[Int(pair.text) + 1])] = pair.document
            starts[Int(pair.text) + 1] += 1
        }
        var writer = SuggestionsWriter()
        var distinct = GrowableBuffer<UInt32>(capacity: 16)
        for text in 0..<texts.count {
            distinct.removeAll()
            var weight = 0.0
            for i in Int(starts[text])..<Int(starts[text + 1]) {
                // A document may have several values of the same text.
                if distinct.count > 0, distinct[distinct.count - 1] == numbers[i] { continue }
                distinct.append(numbers[i])
                weight = max(weight, weights?[Int(numbers[i])] ?? 0)
            }
            statistics.postingCount += distinct.count
            forms.make(texts.term(text), by: analyzer)
            try writer.add(forms, documents: distinct.elements, weight: weight)
        }
        try writer.finish(segment, field: field)
        return statistics
    }
}
