import Kernels

/// The tokens of a field in document order: four bytes a token, turned into postings by one counting sort.
///
/// Shape: `entries` are term numbers; positions are implicit, each one more than the last. An entry with the high bit
/// set is no term but the position of the token that follows it (gaps, several tokens at one place).
/// A prototype measured 5-6 ns a token for appending and sorting, against 31-36 for growing a list per term
/// (20 M tokens); this code has not been measured apart.
struct ForwardIndex: ~Copyable {
    /// Marks an entry as a position.
    static let positionFlag: UInt32 = 1 << 31

    private(set) var entries = GrowableBuffer<UInt32>(capacity: 1 << 12)
    /// Where each document ends in `entries`.
    private(set) var documentEnds = GrowableBuffer<UInt32>(capacity: 1 << 8)
    /// Tokens, without the position entries.
    private(set) var tokenCount = 0

    private var nextPosition: UInt32 = 0

    init() {}

    /// Bytes of memory in use.
    var byteCount: Int { entries.byteCount + documentEnds.byteCount }

    /// Appends a token of the current document.
    @inline(__always)
    mutating func append(_ term: UInt32, position: UInt32) {
        if position != nextPosition { entries.append(position | Self.positionFlag) }
        entries.append(term)
        nextPosition = position &+ 1
        tokenCount &+= 1
    }

    /// Ends the current document.
    mutating func endDocument() {
        documentEnds.append(UInt32(entries.count))
        nextPosition = 0
    }

    /// Calls `body` with every (document, position, term), in order.
    @inline(__always)
    func forEachToken(_ body: (_ document: UInt32, _ position: UInt32, _ term: UInt32) -> Void) {
        var i = 0
        for document in 0..<documentEnds.count {
            let end = Int(documentEnds.base[document])
            var position: UInt32 = 0
            while i < end {
                let entry = entries.base[i]
                i &+= 1
                if entry & Self.positionFlag != 0 {
                    position = entry & ~Self.positionFlag
                } else {
                    body(UInt32(truncatingIfNeeded: document), position, entry)
                    position &+= 1
                }
            }
        }
    }
}

/// Occurrences of all terms grouped by term, terms in the order of their bytes.
///
/// Shape: term number `order[rank]` owns `places[starts[rank] ..< starts[rank + 1]]`; a place is document << 32 |
/// position, ascending. Memory: 8 bytes a token and 8 a term. Complexity: O(tokens + terms log terms).
struct Inversion: ~Copyable {
    let order: [UInt32]
    private(set) var starts = GrowableBuffer<UInt32>(capacity: 16)
    private(set) var places = GrowableBuffer<UInt64>(capacity: 16)

    init(_ forward: borrowing ForwardIndex, _ lexicon: borrowing Lexicon) {
        order = lexicon.sorted()
        var next = GrowableBuffer<UInt32>(capacity: lexicon.count + 1)
        next.append(repeating: 0, count: lexicon.count)
        forward.forEachToken { _, _, term in next.base[Int(term)] &+= 1 }
        var total: UInt32 = 0
        starts.reserve(order.count + 1)
        for term in order {
            starts.append(total)
            let count = next.base[Int(term)]
            next.base[Int(term)] = total
            total &+= count
        }
        starts.append(total)
        places.reserve(Int(total))
        places.count = Int(total)
        forward.forEachToken { document, position, term in
            let at = Int(next.base[Int(term)])
            places.base[at] = UInt64(document) &<< 32 | UInt64(position)
            next.base[Int(term)] = UInt32(truncatingIfNeeded: at &+ 1)
        }
    }

    /// The occurrences of the term at `rank`.
    func occurrences(_ rank: Int) -> UnsafeBufferPointer<UInt64> {
        let start = Int(starts[rank])
        return UnsafeBufferPointer(start: places.base + start, count: Int(starts[rank + 1]) - start)
    }
}
