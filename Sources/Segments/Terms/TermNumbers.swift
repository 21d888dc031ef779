import Kernels

/// Distinct terms, numbered in the order in which they were added, and found by their bytes.
package struct TermNumbers: Sendable {
    /// The number of a term by a hash of its bytes, which is raised until it is not taken.
    private var numbers: [UInt64: Int] = [:]
    /// The terms by their numbers.
    package private(set) var terms: [[UInt8]] = []

    /// No terms.
    package init() {}

    /// The number of terms.
    package var count: Int { terms.count }

    /// Adds a term, unless it is known, and returns its number.
    package mutating func insert(_ term: UnsafeBufferPointer<UInt8>) -> Int {
        var key = Self.hash(term)
        while let known = numbers[key] {
            if terms[known].elementsEqual(term) { return known }
            key &+= 1
        }
        numbers[key] = terms.count
        terms.append(Array(term))
        return terms.count - 1
    }

    /// Returns the number of a term; nil for one that was not added.
    package func number(of term: UnsafeBufferPointer<UInt8>) -> Int? {
        var key = Self.hash(term)
        while let known = numbers[key] {
            if terms[known].elementsEqual(term) { return known }
            key &+= 1
        }
        return nil
    }

    private static func hash(_ term: UnsafeBufferPointer<UInt8>) -> UInt64 {
        term.baseAddress.map { hash64($0, term.count) } ?? 0
    }
}
