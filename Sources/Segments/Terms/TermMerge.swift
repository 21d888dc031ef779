/// A source of ascending terms for a `TermMerge`, such as the dictionary of a segment.
public protocol TermSource: AnyObject {
    /// The bytes of the current term, valid until the next step.
    var term: UnsafeBufferPointer<UInt8> { get }

    /// Advances to the next term, at first to the first one. Returns false after the last.
    ///
    /// Errors: `corrupt` when the terms cannot be decoded.
    func step() throws(IndexError) -> Bool
}

/// A k-way merge of sources of ascending terms: each distinct term comes once, with the sources that have it.
///
/// Sources that have the current term advance when the next one is requested, so its bytes are never copied.
///
/// ```swift
/// var merge = try TermMerge(sources)
/// while try merge.next() {
///     for match in merge.matches { total += merge.source(match).info.documentFrequency }
/// }
/// ```
///
/// Complexity: O(sources) per distinct term; most comparisons look at the first eight bytes alone.
public struct TermMerge<Source: TermSource> {
    /// A source that has not ended, and the first eight bytes of its current term.
    @usableFromInline
    struct Head {
        @usableFromInline let source: Source
        @usableFromInline var prefix: UInt64
        @usableFromInline var isAtEnd = false

        @inlinable
        init(_ source: Source, prefix: UInt64) {
            self.source = source
            self.prefix = prefix
        }
    }

    /// The sources that have not ended, in the order in which they were given.
    @usableFromInline var heads: [Head] = []
    /// The indexes, ascending, of the sources that have the current term; valid for `source(_:)` until the next step.
    @usableFromInline package private(set) var matches: [Int] = []

    /// Creates a merge before the first term.
    ///
    /// Errors: those of the sources' first steps.
    @inlinable
    package init(_ sources: some Sequence<Source>) throws(IndexError) {
        for source in sources where try source.step() { heads.append(Head(source, prefix: termPrefix(source.term))) }
    }

    /// The bytes of the current term, valid until the next step; to be read only after `next` returned true.
    @inlinable
    package var term: UnsafeBufferPointer<UInt8> { heads[matches[0]].source.term }

    /// Advances to the next distinct term. Returns false after the last one.
    ///
    /// Errors: those of the sources.
    @inlinable
    package mutating func next() throws(IndexError) -> Bool {
        try advanceMatches()
        matches.removeAll(keepingCapacity: true)
        if heads.isEmpty { return false }
        var first = 0
        for i in 1..<heads.count where precedes(heads[i], heads[first]) { first = i }
        matches.append(first)
        for i in (first + 1)..<heads.count where heads[i].prefix == heads[first].prefix {
            if heads[i].source.term.elementsEqual(heads[first].source.term) { matches.append(i) }
        }
        return true
    }

    /// Advances the sources that have the current term and removes those that ended.
    @inlinable
    mutating func advanceMatches() throws(IndexError) {
        var hasEnded = false
        for i in matches {
            if try heads[i].source.step() {
                heads[i].prefix = termPrefix(heads[i].source.term)
            } else {
                heads[i].isAtEnd = true
                hasEnded = true
            }
        }
        if hasEnded { heads.removeAll(where: \.isAtEnd) }
    }

    /// Returns true if the current term of `a` is less than that of `b`.
    @inlinable
    func precedes(_ a: Head, _ b: Head) -> Bool {
        a.prefix != b.prefix ? a.prefix < b.prefix : Segments.precedes(a.source.term, b.source.term)
    }

    /// Returns the source at an index of `matches`.
    @inlinable
    package func source(_ index: Int) -> Source { heads[index].source }
}
