package import Segments

/// A translation of documents and patches from the members of one schema to those of another, by the members' names.
///
/// Members that the other schema lacks are left out. Whole numbers become numbers, and numbers without decimals whole
/// numbers; a value of any other kind than that of its member is refused.
struct MemberTranslation {
    /// The members of what is translated.
    let source: Members
    /// The members that it is translated to.
    let target: Members
    /// The number in `target` of each member of `source`; nil for one that it lacks.
    private let numbers: [Int?]

    init(from source: Members, to target: Members) {
        self.source = source
        self.target = target
        numbers = source.all.map { target.number(of: $0.name) }
    }

    /// True if everything stays as it is.
    var isIdentity: Bool { source == target }

    /// Returns the number in `target` of a member of `source`; nil if it lacks that.
    func number(of member: Int) -> Int? { numbers[member] }

    /// Translates a document into `result`. Returns what the other schema refuses; nil if it accepts the document.
    func translate(_ document: borrowing DocumentBuffer, into result: inout DocumentBuffer) -> String? {
        if let problem = translate(values: document, into: &result) { return problem }
        do throws(IndexError) {
            _ = try target.key(of: result)
            return nil
        } catch {
            return error.description
        }
    }

    /// Translates the values of a document, which may have no key. Returns what the other schema refuses; nil if it
    /// accepts them.
    func translate(values document: borrowing DocumentBuffer, into result: inout DocumentBuffer) -> String? {
        result.reset()
        var isGiven = [Bool](repeating: false, count: target.all.count)
        for i in 0..<document.values.count {
            let value = document.values[i]
            guard let number = numbers[Int(value.member)] else { continue }
            let member = target.all[number]
            if isGiven[number], !member.multiple { return "\"\(member.name)\" has several values, and may have one" }
            isGiven[number] = true
            if value.kind == .text, member.kind == .text {
                let start = result.bytes.count
                result.bytes.append(contentsOf: UnsafeRawBufferPointer(document.text(value)))
                result.values.append(
                    DocumentValue(member: number, kind: .text, start: start, length: Int(value.length)))
            } else if let bits = Self.convert(value.number, from: value.kind, to: member.kind) {
                result.values.append(DocumentValue(member: number, kind: member.kind, number: bits))
            } else {
                return "\"\(member.name)\" expects \(member.kind.displayName), found \(value.kind.displayName)"
            }
        }
        do throws(IndexError) {
            try target.check(result)
            return nil
        } catch {
            return error.description
        }
    }

    /// Returns the numbers of a patch in the members of the other schema; nil if it refuses one.
    func translate(_ patch: [(member: Int, bits: UInt64?)]) -> [(member: Int, bits: UInt64?)]? {
        var result: [(member: Int, bits: UInt64?)] = []
        for (member, bits) in patch {
            guard let number = numbers[member] else { continue }
            guard target.all[number].kind != .text else { return nil }
            guard let bits else {
                result.append((number, nil))
                continue
            }
            guard let converted = Self.convert(bits, from: source.all[member].kind, to: target.all[number].kind),
                target.problem(number, bits: converted) == nil
            else { return nil }
            result.append((number, converted))
        }
        return result
    }

    /// Returns the values of a patch with texts by the members' names, nil for those that are removed; nil if the other
    /// schema refuses one.
    func translate(
        rewriting replaced: [Int], by document: borrowing DocumentBuffer
    ) -> [(member: String, value: StoredValue?)]? {
        var result = DocumentBuffer()
        guard translate(values: document, into: &result) == nil else { return nil }
        var values: [(member: String, value: StoredValue?)] = []
        for member in replaced.compactMap({ numbers[$0] }) { values.append((target.all[member].name, nil)) }
        for i in 0..<result.values.count {
            let value = result.values[i]
            let member = Int(value.member)
            let stored: StoredValue? =
                value.kind == .text
                ? .text(String(decoding: result.text(value), as: UTF8.self)) : target.value((member, value.number))
            values.append((target.all[member].name, stored))
        }
        return values
    }

    /// Returns the bits of a number as a value of another kind; nil if it is none.
    private static func convert(_ bits: UInt64, from source: ValueKind, to target: ValueKind) -> UInt64? {
        switch (source, target) {
        case (.text, _), (_, .text): nil
        case _ where source == target: bits
        case (.integer, .float): Double(Int64(bitPattern: bits)).bitPattern
        case (.float, .integer): Int64(exactly: Double(bitPattern: bits)).map { UInt64(bitPattern: $0) }
        default: nil
        }
    }
}

extension WriteBatch {
    /// Returns the batch, which was made for one schema, as it would be for another; nil if that refuses a change.
    package func translated(from source: Members, to target: Members) -> WriteBatch? {
        let translation = MemberTranslation(from: source, to: target)
        if translation.isIdentity { return self }
        var result = WriteBatch()
        var document = DocumentBuffer()
        var translated = DocumentBuffer()
        var isRefused = false
        forEach { bytes in
            guard !isRefused, let change = Change(bytes, source, into: &document, isLogged: false) else {
                isRefused = true
                return
            }
            do throws(IndexError) {
                switch change.kind {
                case .put, .create:
                    isRefused = translation.translate(document, into: &translated) != nil
                    if isRefused { return }
                    try result.put(translated, target, version: change.version, onlyNew: change.kind == .create)
                case .delete: try result.delete(key: change.text, version: change.version)
                case .patch:
                    guard let numbers = translation.translate(change.numbers) else {
                        isRefused = true
                        return
                    }
                    try result.patch(
                        key: change.text, numbers.map { (target.all[$0.member].name, target.value($0)) }, target,
                        version: change.version)
                case .rewrite:
                    guard let values = translation.translate(rewriting: change.replaced, by: document) else {
                        isRefused = true
                        return
                    }
                    try result.patch(key: change.text, values, target, version: change.version)
                case .mark, .rewritten: break
                }
            } catch {
                isRefused = true
            }
        }
        return isRefused ? nil : result
    }
}

extension Change {
    /// The key of a change that has no document.
    fileprivate var text: String { String(decoding: key, as: UTF8.self) }
}

extension Members {
    /// The value of a patch's number; nil if it removes one.
    fileprivate func value(_ patched: (member: Int, bits: UInt64?)) -> StoredValue? {
        patched.bits.map { bits in
            switch all[patched.member].kind {
            case .float: .float(Double(bitPattern: bits))
            case .boolean: .boolean(bits != 0)
            case .integer, .text: .integer(Int64(bitPattern: bits))
            }
        }
    }
}
