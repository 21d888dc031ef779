/// The address of a mailbox, `local@domain`, in ASCII.
struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    private static let longest = 254

    let text: String

    /// Creates an address; nil for what is none, among it everything that could begin another line or another address.
    init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longest, parts.count == 2, Self.isLocal(parts[0]), Self.isDomain(parts[1])
        else { return nil }
        self.text = text
    }

    var description: String { text }

    /// The mailbox in a form for comparing: in lower case, without a tag after `+`, which many mailboxes ignore.
    var mailbox: String {
        let lower = text.lowercased()
        return lower.prefix { $0 != "@" && $0 != "+" } + "@" + domain.lowercased()
    }

    /// The part after the at sign.
    var domain: Substring { text.split(separator: "@").last ?? "" }

    /// Atoms of RFC 5322 between dots.
    private static func isLocal(_ text: Substring) -> Bool {
        let special = Set("!#$%&'*+-/=?^_`{|}~".utf8)
        let atoms = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 64
            && atoms.allSatisfy { atom in
                !atom.isEmpty && atom.utf8.allSatisfy { isAlphanumeric($0) || special.contains($0) }
            }
    }

    /// Labels of letters, digits and inner hyphens between dots.
    private static func isDomain(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false)
            .allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
