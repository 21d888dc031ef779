import Analyzer
import Kernels
import TestSupport
import Testing

@testable import Segments

@Suite struct SuggestionIndexTests {
    /// A suggestion as it is written.
    private struct Entry {
        var text: String
        var documents: [UInt32]
        var weight: Double
    }

    /// Random texts of few words, so that many begin alike.
    private static func entries(_ count: Int, seed: UInt64) -> [Entry] {
        let words = ["the", "harry", "harp", "potter", "三体", "红楼梦", "编程", "c++", "a", "1984", "zebra"]
        var random = SplitMix64(seed: seed)
        var entries: [String: Entry] = [:]
        for number in 0..<count {
            let text = (0...random.below(4)).map { _ in words[random.below(words.count)] }.joined(separator: " ")
            let documents = Set((0...random.below(3)).map { _ in UInt32(random.below(1000)) }).sorted()
            entries[text] = Entry(
                text: text, documents: documents, weight: Double(number % 7 == 0 ? 0 : random.below(5000)))
        }
        return entries.values.sorted { $0.text < $1.text }
    }

    private static func bytes(_ entries: [Entry]) throws -> [UInt8] {
        var writer = SuggestionsWriter()
        var forms = SuggestionForms()
        for entry in entries {
            forms.make(entry.text, by: .standard)
            try entry.documents.withUnsafeBufferPointer { try writer.add(forms, documents: $0, weight: entry.weight) }
        }
        let image = try writtenSegment(documents: 1000) { try writer.finish($0, field: 0) }
        let section = try #require(image.section(.suggestions))
        return Array(image.bytes[section.offset..<section.offset + section.length])
    }

    /// The keys of a kind that begin with typed bytes, as text@offset, with their scores.
    private static func expected(
        _ entries: [Entry], _ start: SuggestionForms.Start, _ typed: [UInt8]
    ) -> [String: Int] {
        var keys: [String: Int] = [:]
        var forms = SuggestionForms()
        for entry in entries {
            forms.make(entry.text, by: .standard)
            for key in forms.keys.elements where key.start == start {
                guard forms.bytes.elements[Int(key.offset)...].starts(with: typed) else { continue }
                keys["\(entry.text)@\(key.offset)"] = Int(
                    SuggestionScore.score(weight: entry.weight, length: forms.textLength))
            }
        }
        return keys
    }

    @Test(arguments: [0, 1, 5, 63, 64, 65, 700]) func keysAreThoseThatBeginWithTheTypedText(_ count: Int) throws {
        let entries = Self.entries(count, seed: UInt64(count + 1))
        let bytes = try Self.bytes(entries)
        try bytes.withUnsafeBytes { raw in
            let index = try #require(SuggestionIndex(raw))
            #expect(index.count == entries.count)
            #expect(index.problem == nil)
            for start in SuggestionForms.Start.allCases {
                for typed in ["", "h", "ha", "harr", "harry p", "potter", "三", "san", "hlm", "honglou", "c++", "x"] {
                    let range = index.narrowed(index.keys(start), depth: 0, by: Array(typed.utf8))
                    var all: [String: Int] = [:]
                    var order: [(score: Int, before: Int)] = []
                    index.forEachKey(in: range, above: { -1 }) { key, score in
                        order.append((score, -key))
                        guard let place = index.place(of: key) else { return }
                        all["\(entries[place.entry].text)@\(place.offset)"] = score
                    }
                    #expect(all == Self.expected(entries, start, Array(typed.utf8)), "\(typed)")
                    #expect(order.elementsEqual(order.sorted { $0 > $1 }, by: ==), "the best ones first")
                    // A threshold leaves out what is not above it, and nothing else.
                    let middle = all.values.sorted()[safe: all.count / 2] ?? 0
                    var above = 0
                    index.forEachKey(in: range, above: { middle }) { _, _ in above += 1 }
                    #expect(above == all.values.count { $0 > middle })
                    // One that rises with each key that comes leaves out those of equal scores.
                    var (rising, risen) = (-1, 0)
                    index.forEachKey(in: range, above: { rising }) { _, score in (rising, risen) = (score, risen + 1) }
                    #expect(risen == min(all.count, 1))
                }
            }
        }
    }

    @Test func documentsAreThoseThatWereWritten() throws {
        let entries = Self.entries(200, seed: 9)
        try Self.bytes(entries).withUnsafeBytes { raw in
            let index = try #require(SuggestionIndex(raw))
            for (number, entry) in entries.enumerated() {
                var documents: [UInt32] = []
                #expect(
                    index.forEachDocument(of: number, below: 1000) { document in
                        documents.append(UInt32(document))
                        return true
                    })
                #expect(documents == entry.documents)
                #expect(index.entry(of: Array(index.text(of: number))) == number)
            }
            #expect(index.entry(of: Array("harr".utf8)) == nil)
        }
    }

    /// Whatever the bytes are, the reader stays inside of them: they are followed by a page that cannot be read.
    @Test(arguments: 1...8) func corruptBytesAreSafe(_ seed: UInt64) throws {
        let bytes = try Self.bytes(Self.entries(120, seed: 3))
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            var corrupt = bytes
            for _ in 0...random.below(6) {
                // Half of the changes hit the header and the entries.
                let place = random.below(random.below(2) == 0 ? min(400, corrupt.count) : corrupt.count)
                corrupt[place] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.below(4) == 0 { corrupt.removeLast(random.below(corrupt.count)) }
            let guarded = GuardedBytes(corrupt)
            guard let index = SuggestionIndex(guarded.raw) else { continue }
            _ = index.problem
            for typed in ["", "harr", "三", "zz"] {
                let range = index.narrowed(index.keys(.beginning), depth: 0, by: Array(typed.utf8))
                index.forEachKey(in: range, above: { -1 }) { key, _ in
                    guard let place = index.place(of: key) else { return }
                    _ = index.text(of: place.entry)
                    index.forEachDocument(of: place.entry, below: 1000) { _ in true }
                }
                index.forEachLetter(in: range, depth: typed.utf8.count) { _, _ in }
            }
            _ = index.entry(of: Array("harry potter".utf8))
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
