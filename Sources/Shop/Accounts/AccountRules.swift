/// The rules for names, passwords and addresses of people.
enum AccountRules {
    /// Returns a valid name. A name has 3 to 20 Latin letters, digits, `_`, `-` or Chinese characters, which no two
    /// accounts may share but for case. Other scripts are left out, because their letters look like these.
    static func username(_ text: String) throws -> String {
        let isValid = text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-", "\u{4E00}"..."\u{9FFF}", "\u{3400}"..."\u{4DBF}": true
            default: false
            }
        }
        guard isValid, (3...20).contains(text.count) else {
            throw Problem.value(
                "username", "this cannot be a name",
                hint: "use 3 to 20 letters, digits, hyphens, underscores or Chinese characters")
        }
        return text
    }

    /// Returns a valid password: 8 to 128 characters of any kind.
    static func password(_ text: String, _ param: String = "password") throws -> String {
        guard (8...128).contains(text.unicodeScalars.count) else {
            throw Problem.value(param, "a password has 8 to 128 characters")
        }
        return text
    }

    /// Returns a valid mail address, of a domain with a dot. Whether it exists, only a mail can show.
    static func email(_ text: String) throws -> MailAddress {
        guard let address = MailAddress(text), address.domain.contains(".") else {
            throw Problem.value("email", "this is not a mail address", hint: "an address looks like li@example.com")
        }
        return address
    }
}
