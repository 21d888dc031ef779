/// Returns a valid number of a mobile phone of mainland China: 11 digits, without blanks and hyphens.
func phoneNumber(_ text: String, _ param: String) throws -> String {
    let digits = text.filter { $0 != " " && $0 != "-" }
    guard digits.utf8.count == 11, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        digits.hasPrefix("1"), !["0", "1", "2"].contains(digits.dropFirst().first)
    else { throw Problem.value(param, "this is not a mobile number", hint: "a number looks like 13800138000") }
    return digits
}
