import FoundationEssentials
@preconcurrency import Glibc

/// What is written to standard error and standard output.
enum Terminal {
    /// Whether standard error is a terminal, so that a progress bar makes sense.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes a line to standard error.
    static func tell(_ line: String) {
        fputs(line + "\n", stderr)
    }

    /// Writes an encodable value to standard output as JSON.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// A path without links and dots, as far as there is something at it.
    static func resolved(_ path: String) -> String {
        var known = path.hasPrefix("/") ? path : "./" + path
        var rest = ""
        while true {
            if let found = realpath(known, nil) {
                defer { free(found) }
                return String(cString: found) + rest
            }
            guard let slash = known.lastIndex(of: "/"), slash > known.startIndex else { return path }
            rest = known[slash...] + rest
            known = String(known[..<slash])
        }
    }

    /// Text in bold on a terminal.
    static func bold(_ text: String) -> String {
        isatty(STDOUT_FILENO) == 1 ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }

    /// A number with its thousands apart.
    static func grouped(_ number: Int) -> String {
        var digits = String(abs(number))
        var at = digits.count - 3
        while at > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: at))
            at -= 3
        }
        return number < 0 ? "-" + digits : digits
    }

    /// Bytes as megabytes.
    static func megabytes(_ bytes: Int) -> String {
        String(Double(bytes / 10_000) / 100) + " MB"
    }
}
