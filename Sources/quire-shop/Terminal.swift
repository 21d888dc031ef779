import Glibc

/// Writing to the terminal.
enum Terminal {
    /// Writes a line to standard error, where it does not disturb results.
    static func printStatus(_ line: String) {
        let text = line + "\n"
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}
