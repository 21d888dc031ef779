import Kernels

/// Counts the values of a keyword field: by rank within each segment; by value only those that may be listed.
final class ValueCounter: FacetCounter {
    let without: Int?
    private let name: String
    private let field: Int
    /// What to list; nil when values are only counted.
    private let listed: FacetRequest.ValueFacet?
    private var parts: [CountedSegment] = []

    init(_ request: FacetRequest, _ listed: FacetRequest.ValueFacet?, field: Int) {
        name = request.field
        without = request.without
        self.listed = listed
        self.field = field
    }

    func count(
        _ bits: UnsafePointer<UInt64>, matched: Int, _ reader: IndexReader, _ number: Int, _ scratch: Scratch
    ) throws(IndexError) {
        if matched == 0 { return }
        parts.append(try CountedSegment(reader.segments[number], field, bits, matched: matched, scratch))
    }

    func result(_ budget: SearchBudget, _ scratch: Scratch) throws(IndexError) -> FacetCounts {
        defer { for part in parts { part.giveBack(to: scratch) } }
        return try counted(budget)
    }

    private func counted(_ budget: SearchBudget) throws(IndexError) -> FacetCounts {
        var result = FacetCounts(field: name)
        guard let listed else {
            var distinct = 0
            try forEachValue(budget) { _, _ in
                distinct += 1
                return true
            }
            result.distinct = distinct
            return result
        }
        for part in parts { try part.narrow(to: listed.prefix) }
        var sum = 0
        if let separator = listed.separator, !separator.isEmpty {
            (result.values, sum) = try level(listed, Array(separator.utf8), budget)
        } else {
            for part in parts { sum += part.sum }
            result.values = listed.order == .count ? try mostFrequent(listed, budget) : try first(listed.size, budget)
        }
        for value in listed.including where !result.values.contains(where: { $0.value.utf8.elementsEqual(value.utf8) })
        {
            result.values.append(.init(value: value, count: try total(Array(value.utf8))))
        }
        result.other = sum
        for value in result.values where Self.isListed(value.value, listed) { result.other -= value.count }
        return result
    }

    /// Whether a value is one of those summed up.
    private static func isListed(_ value: String, _ listed: FacetRequest.ValueFacet) -> Bool {
        var value = value
        let separator = Array((listed.separator ?? "").utf8)
        return value.utf8.starts(with: listed.prefix.utf8)
            && value.withUTF8 { separator.isEmpty || isHighest($0, behind: listed.prefix.utf8.count, separator) }
    }

    /// Whether no level above a value is longer than the first bytes that it was asked for by.
    private static func isHighest(
        _ value: UnsafeBufferPointer<UInt8>, behind prefix: Int, _ separator: [UInt8]
    ) -> Bool {
        var isHighest = true
        KeywordRule.forEachLevel(above: value, separator) { end in
            isHighest = end <= prefix
            return isHighest
        }
        return isHighest
    }

    private static func value(_ text: some Collection<UInt8>, _ count: Int) -> FacetCounts.ListedValue {
        FacetCounts.ListedValue(value: String(decoding: text, as: UTF8.self), count: count)
    }

    /// How often a value was counted in all segments.
    private func total(_ value: [UInt8]) throws(IndexError) -> Int {
        var sum = 0
        for part in parts { sum += try part.count(of: value) }
        return sum
    }

    /// The values counted most, in order: exactly, though few are looked at.
    ///
    /// Of each segment the best are taken; a value that is among them in none cannot have more than the least of these
    /// have together. More are taken until that is less than the last value listed has, or all are looked at instead.
    /// Source: Fagin, Lotem and Naor, "Optimal aggregation algorithms for middleware", 2001.
    private func mostFrequent(
        _ listed: FacetRequest.ValueFacet, _ budget: SearchBudget
    ) throws(IndexError) -> [FacetCounts.ListedValue] {
        if listed.size == 0 { return [] }
        if parts.count == 1 {
            var values: [FacetCounts.ListedValue] = []
            for (count, rank) in try parts[0].best(listed.size) {
                values.append(Self.value(try parts[0].text(rank), count))
            }
            return values
        }
        for taken in [2 * listed.size + 16, 8 * listed.size + 64] {
            var known: Set<[UInt8]> = []
            var best = BestValues(listed.size)
            // No value that was not looked at has more than this.
            var unseen = 0
            for part in parts {
                let own = try part.best(taken)
                if own.count == taken, let last = own.last { unseen += last.count }
                for (place, (_, rank)) in own.enumerated() {
                    if place & 63 == 63, budget.isLate() { return best.sorted.map { Self.value($0.text, $0.count) } }
                    let text = try part.text(rank)
                    if known.insert(text).inserted { best.offer(text, try total(text)) }
                }
            }
            if unseen < best.least { return best.sorted.map { Self.value($0.text, $0.count) } }
            // Taking more would not help.
            if unseen > 4 * best.least { break }
        }
        var best = BestValues(listed.size)
        try forEachValue(budget) { text, count in
            if count >= best.least { best.offer(Array(text), count) }
            return true
        }
        return best.sorted.map { Self.value($0.text, $0.count) }
    }

    /// The first values, in order.
    private func first(_ size: Int, _ budget: SearchBudget) throws(IndexError) -> [FacetCounts.ListedValue] {
        var values: [FacetCounts.ListedValue] = []
        if size == 0 { return [] }
        try forEachValue(budget) { text, count in
            values.append(Self.value(text, count))
            return values.count < size
        }
        return values
    }

    /// Those of all values that are right below the place asked for, and the sum of their counts.
    private func level(
        _ listed: FacetRequest.ValueFacet, _ separator: [UInt8], _ budget: SearchBudget
    ) throws(IndexError) -> ([FacetCounts.ListedValue], sum: Int) {
        var sum = 0
        var best = BestValues(listed.size)
        var first: [FacetCounts.ListedValue] = []
        try forEachValue(budget) { text, count in
            if !Self.isHighest(text, behind: listed.prefix.utf8.count, separator) { return true }
            sum += count
            switch listed.order {
            case .count: if listed.size > 0, count >= best.least { best.offer(Array(text), count) }
            case .value: if first.count < listed.size { first.append(Self.value(text, count)) }
            }
            return true
        }
        return (listed.order == .value ? first : best.sorted.map { Self.value($0.text, $0.count) }, sum)
    }

    /// Calls `body` with each value that may be listed and its count in all segments, ascending by bytes, until it
    /// answers false or time runs out. Complexity: O(values · segments).
    private func forEachValue(
        _ budget: SearchBudget, _ body: (UnsafeBufferPointer<UInt8>, Int) -> Bool
    ) throws(IndexError) {
        var cursors: [ValueCursor] = []
        for part in parts {
            if let cursor = ValueCursor(part), try cursor.step() { cursors.append(cursor) }
        }
        var value: [UInt8] = []
        var steps = 0
        while !cursors.isEmpty {
            steps += 1
            if steps % 1024 == 0, budget.isLate() { return }
            if cursors.count == 1 {
                if !body(cursors[0].text, cursors[0].count) { return }
                if try !cursors[0].step() { return }
                continue
            }
            var first = cursors[0]
            for cursor in cursors[1...] where cursor.precedes(first) { first = cursor }
            value.removeAll(keepingCapacity: true)
            value.append(contentsOf: first.text)
            var count = 0
            var isAtEnd = false
            for cursor in cursors where cursor.stands(at: value, first) {
                count += cursor.count
                if try !cursor.step() { isAtEnd = true }
            }
            if isAtEnd { cursors.removeAll(where: \.isAtEnd) }
            if !value.withUnsafeBufferPointer({ body($0, count) }) { return }
        }
    }
}

/// Walks the values counted in a segment; compares by their first eight bytes where that is enough.
private final class ValueCursor {
    private var cursor: CountedSegment.Cursor
    private var prefix: UInt64 = 0
    private(set) var isAtEnd = false

    init?(_ part: CountedSegment) {
        guard let cursor = CountedSegment.Cursor(part) else { return nil }
        self.cursor = cursor
    }

    var text: UnsafeBufferPointer<UInt8> { cursor.text }
    var count: Int { cursor.count }

    func step() throws(IndexError) -> Bool {
        isAtEnd = try !cursor.step()
        if !isAtEnd { prefix = termPrefix(cursor.text) }
        return !isAtEnd
    }

    func precedes(_ other: ValueCursor) -> Bool {
        prefix != other.prefix ? prefix < other.prefix : Indexer.precedes(text, other.text)
    }

    /// Whether it stands at a value, which is that of another cursor or was before that stepped on.
    func stands(at value: [UInt8], _ other: ValueCursor) -> Bool {
        value.withUnsafeBufferPointer { value in prefix == termPrefix(value) && text.elementsEqual(value) }
    }
}

/// Keeps the values counted most, of equal ones the first by their bytes.
private struct BestValues {
    private let size: Int
    private var best: [(text: [UInt8], count: Int)] = []

    init(_ size: Int) { self.size = size }

    /// No value with fewer can be among them.
    private(set) var least = 0

    mutating func offer(_ text: [UInt8], _ count: Int) {
        best.append((text, count))
        if best.count >= 2 * size + 64 { cut() }
        if least == 0, best.count >= size { cut() }
    }

    private mutating func cut() {
        best.sort(by: Self.precedes)
        if best.count > size { best.removeLast(best.count - size) }
        if best.count == size, let last = best.last { least = last.count }
    }

    private static func precedes(_ a: (text: [UInt8], count: Int), _ b: (text: [UInt8], count: Int)) -> Bool {
        a.count != b.count ? a.count > b.count : a.text.lexicographicallyPrecedes(b.text)
    }

    /// Those kept, in order.
    var sorted: [(text: [UInt8], count: Int)] { Array(best.sorted(by: Self.precedes).prefix(size)) }
}
