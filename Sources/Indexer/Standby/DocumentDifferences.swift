import Kernels
package import Segments

/// The differences between the documents of an index and those that it should have.
package struct DocumentDifferences: Codable, Sendable, Equatable {
    /// The number of documents that were compared: those that there should be.
    package var compared = 0
    /// The number of documents that it should have, and has not.
    package var missing = 0
    /// The number of documents that it has, and should not have.
    package var extra = 0
    /// The number of documents that it has with another version, or other values.
    package var stale = 0
    /// The first differences, as sentences, at most 20.
    package var examples: [String] = []

    package init() {}

    /// True if there is none.
    package var isEmpty: Bool { missing + extra + stale == 0 }

    /// The ways in which a document differs.
    package enum Kind: String, Sendable { case missing, extra, stale }

    /// Counts a difference.
    package mutating func add(_ kind: Kind, _ key: String) {
        switch kind {
        case .missing: missing += 1
        case .extra: extra += 1
        case .stale: stale += 1
        }
        if examples.count < 20 { examples.append("\(kind.rawValue): \(key)") }
    }
}

/// A comparison of the documents of an index, by key, with documents that it should have.
///
/// ```swift
/// let comparison = DocumentComparison(with: expected.members, in: reader)
/// if let kind = try comparison.difference(document, version: 7) { differences.add(kind, key) }
/// ```
package final class DocumentComparison {
    private let reader: IndexReader
    private let translation: MemberTranslation
    /// The members that both have and the index stores: all that can be compared.
    private let compared: [Int]
    private var expected = DocumentBuffer()
    private var found = DocumentBuffer()
    /// The documents of a batch, one after another.
    private var given = DocumentBuffer()
    /// A bit for each document of the index that there should be.
    private var wanted: [UInt64]

    /// Creates a comparison of the documents of `reader` with those that are made of `members`.
    package init(with members: Members, in reader: IndexReader) {
        self.reader = reader
        wanted = [UInt64](repeating: 0, count: (reader.documents + 63) / 64)
        let translation = MemberTranslation(from: members, to: reader.members)
        self.translation = translation
        compared = reader.members.all.indices.filter { number in
            let source = members.number(of: reader.members.all[number].name)
            return reader.members.all[number].stored && source.map { members.all[$0].stored } ?? false
        }
    }

    /// Returns how the index differs from what it should have, which is a document with its version; nil if it has it.
    /// A document without a version may have any.
    ///
    /// Errors: `document` if it has no key, `corrupt`. Complexity: that of reading one document.
    package func difference(
        _ document: borrowing DocumentBuffer, version: Int?
    ) throws(IndexError) -> DocumentDifferences.Kind? {
        let key = String(decoding: try translation.source.key(of: document), as: UTF8.self)
        guard let number = try reader.find(key: key) else { return .missing }
        wanted[number / 64] |= 1 << (number % 64)
        if let version, try reader.version(number) != version { return .stale }
        try reader.document(number, into: &found)
        guard translation.translate(document, into: &expected) == nil else { return .stale }
        return compared.allSatisfy { Self.hasSameValues($0, expected, found) } ? nil : .stale
    }

    /// Compares the documents that a batch puts, which is made of the same members, and counts how they differ.
    ///
    /// Errors: `corrupt`.
    package func compare(_ batch: WriteBatch, _ differences: inout DocumentDifferences) throws(IndexError) {
        var changes: [(key: String, kind: DocumentDifferences.Kind)] = []
        var failure: IndexError?
        batch.forEach { bytes in
            guard failure == nil,
                let change = Change(bytes, translation.source, into: &given, isLogged: false), change.kind == .put
            else { return }
            do throws(IndexError) {
                differences.compared += 1
                guard let kind = try difference(given, version: change.version) else { return }
                changes.append((String(decoding: try translation.source.key(of: given), as: UTF8.self), kind))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        for (key, kind) in changes { differences.add(kind, key) }
    }

    /// Counts the documents that the index has and none of those that were compared is.
    ///
    /// Errors: `corrupt`. Complexity: O(documents).
    package func countExtra(_ differences: inout DocumentDifferences) throws(IndexError) {
        for number in 0..<reader.documents where wanted[number / 64] >> (number % 64) & 1 == 0 {
            guard reader.isLive(number) else { continue }
            try reader.document(number, into: &found)
            differences.add(.extra, String(decoding: try reader.members.key(of: found), as: UTF8.self))
        }
    }

    /// True if two documents have the same values of a member, in the same order.
    private static func hasSameValues(
        _ member: Int, _ a: borrowing DocumentBuffer, _ b: borrowing DocumentBuffer
    ) -> Bool {
        var next = 0
        for i in 0..<a.values.count where a.values[i].member == UInt32(member) {
            while next < b.values.count, b.values[next].member != UInt32(member) { next += 1 }
            guard next < b.values.count else { return false }
            let (left, right) = (a.values[i], b.values[next])
            guard left.kind == right.kind, left.number == right.number else { return false }
            if left.kind == .text, !a.text(left).elementsEqual(b.text(right)) { return false }
            next += 1
        }
        while next < b.values.count, b.values[next].member != UInt32(member) { next += 1 }
        return next == b.values.count
    }
}
