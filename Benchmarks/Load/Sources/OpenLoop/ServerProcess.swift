import Glibc

/// A process whose processor time is read.
package final class ServerProcess: Sendable {
    /// The open file of its state; it is opened once, for a load may leave no descriptor for another one.
    private let descriptor: Int32

    /// The process with a number; nil if there is none.
    package init?(_ number: Int) {
        descriptor = open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// The processor seconds of all its threads, in user and kernel mode; nil once it has ended.
    package func seconds() -> Double? {
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        // The name, in parentheses, may have blanks.
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[12]), let kernel = Double(fields[13]) else { return nil }
        return (user + kernel) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
