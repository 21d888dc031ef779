import FoundationEssentials
@preconcurrency import Glibc

/// Output to standard output, which is for results, and standard error, which is for everything else.
enum Terminal {
    /// True if standard error is a terminal, which can show a progress bar.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes a line about the state of the work, or an error, to standard error.
    static func printStatus(_ line: String) {
        fputs(line + "\n", stderr)
    }

    /// Writes bytes to standard output.
    static func write(_ bytes: [UInt8]) { fwrite(bytes, 1, bytes.count, stdout) }

    /// Writes a value to standard output as indented JSON with sorted keys. Errors: a value that cannot be encoded.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Resolves the symbolic links and dots of the longest prefix of a path that exists. The remaining components stay
    /// as they are.
    static func resolved(_ path: String) -> String {
        var prefix = path.hasPrefix("/") ? path : "./" + path
        var suffix = ""
        while true {
            if let resolved = realpath(prefix, nil) {
                defer { free(resolved) }
                return String(cString: resolved) + suffix
            }
            guard let slash = prefix.lastIndex(of: "/"), slash > prefix.startIndex else { return path }
            suffix = prefix[slash...] + suffix
            prefix = String(prefix[..<slash])
        }
    }

    /// Returns a text in bold if standard output is a terminal, otherwise as it is.
    static func bold(_ text: String) -> String {
        isatty(STDOUT_FILENO) == 1 ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }

    /// Returns a number with thousands separators: `1,234,567`.
    static func grouped(_ number: Int) -> String {
        var digits = String(abs(number))
        var separator = digits.count - 3
        while separator > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: separator))
            separator -= 3
        }
        return number < 0 ? "-" + digits : digits
    }

    /// Returns a share from 0 to 1 in percent, with one decimal place: `12.3 %`.
    static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

    /// Returns a number of bytes in megabytes (10^6), with two decimal places: `12.34 MB`.
    static func megabytes(_ bytes: Int) -> String {
        String(Double(bytes / 10_000) / 100) + " MB"
    }
}
