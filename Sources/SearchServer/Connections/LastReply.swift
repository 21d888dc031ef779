import Glibc
import HTTPTypes
import NIOCore

extension Problem {
    /// The problem of a head that took too long to arrive.
    static var slowHead: Problem {
        Problem(
            .requestTimeout, "head_too_slow", "the head of the request did not arrive in time",
            hint: "send the whole head at once")
    }

    /// The problem of a connection beyond the limit.
    static var tooManyConnections: Problem {
        Problem(
            .serviceUnavailable, "too_many_connections", "the server has as many connections as it can serve",
            hint: "send the request again in a second; close connections that are not needed", retryAfter: 1)
    }

    /// The bytes of a reply after which the connection closes.
    func lastReply(withoutBody: Bool) -> ByteBuffer {
        let body = body
        var head = "HTTP/1.1 \(status) \(title)\r\nServer: quire\r\nConnection: close\r\n"
        head += "Content-Type: application/problem+json\r\nContent-Length: \(body.readableBytes)\r\n"
        head += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        head += "Date: \(httpDate())\r\n"
        if let retryAfter { head += "Retry-After: \(retryAfter)\r\n" }
        var reply = ByteBuffer(string: head + "\r\n")
        if !withoutBody { reply.writeImmutableBuffer(body) }
        return reply
    }
}

/// The present time as the header `Date` has it.
private func httpDate() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return String(unsafeUninitializedCapacity: 40) { bytes in
        bytes.withMemoryRebound(to: CChar.self) { text in
            guard let start = text.baseAddress else { return 0 }
            return strftime(start, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        }
    }
}
