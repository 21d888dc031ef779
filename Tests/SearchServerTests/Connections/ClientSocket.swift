import Foundation
import Glibc
import Kernels

/// Runs calls that block on a thread of their own: the server may need the few threads of Swift's pool.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        _ = WorkerThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}

/// A client's socket, connected to a server on this machine, with blocking calls (`onOwnThread`).
final class ClientSocket {
    /// A reply as its head and its body.
    struct Reply {
        var status: Int
        /// The fields, with their names in lower case.
        var fields: [String: String]
        var body: [UInt8]
    }

    /// The error that the server has closed the connection.
    struct Closed: Error {}

    private var descriptor: Int32
    private var received: [UInt8] = []

    /// Connects to a port of the loopback address.
    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if descriptor < 0 || result != 0 { throw Closed() }
    }

    deinit { leave() }

    /// Closes the connection.
    func leave() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// Sends a request without a body.
    func send(_ method: String, _ target: String, _ fields: String...) throws {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
        let text = lines.joined(separator: "\r\n") + "\r\n\r\n"
        guard Glibc.send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) == text.utf8.count else {
            throw Closed()
        }
    }

    /// Reads the next reply, whose body is as long as its head says; none if it is a reply to `HEAD`, or has the status
    /// 304.
    func reply(toHead: Bool = false) throws -> Reply {
        let blank = Array("\r\n\r\n".utf8)
        while received.firstRange(of: blank) == nil { try receive() }
        let end = received.firstRange(of: blank)?.lowerBound ?? 0
        let lines = String(decoding: received[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        received.removeFirst(end + 4)
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        let length = toHead || status == 304 ? 0 : Int(fields["content-length"] ?? "") ?? 0
        while received.count < length { try receive() }
        defer { received.removeFirst(length) }
        return Reply(status: status, fields: fields, body: Array(received[..<length]))
    }

    private func receive() throws {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { throw Closed() }
        received += bytes[..<count]
    }
}
