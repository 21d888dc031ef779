import Glibc

/// A process whose processor time is read.
package struct ServerProcess: Sendable {
    private let path: String

    /// The process with a number.
    package init(_ number: Int) { path = "/proc/\(number)/stat" }

    /// The processor seconds of all its threads, in user and kernel mode; nil if there is no such process.
    package func seconds() -> Double? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = fread(&bytes, 1, bytes.count, file)
        // The name, in parentheses, may have blanks.
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[12]), let kernel = Double(fields[13]) else { return nil }
        return (user + kernel) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
