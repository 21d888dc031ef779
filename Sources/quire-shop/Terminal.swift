import FoundationEssentials
import Glibc

/// Writing to the terminal.
enum Terminal {
    /// Writes a line to standard error, where it does not disturb results.
    static func printStatus(_ line: String) {
        printLine(line, STDERR_FILENO)
    }

    /// Writes a line to standard output at once, for those that wait for it.
    static func printResult(_ line: String) {
        printLine(line, STDOUT_FILENO)
    }

    /// Prints values as JSON, each on a line.
    static func printJSON(_ values: [some Encodable]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for value in values { print(String(decoding: try encoder.encode(value), as: UTF8.self)) }
    }

    private static func printLine(_ line: String, _ descriptor: Int32) {
        let text = line + "\n"
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
    }
}
