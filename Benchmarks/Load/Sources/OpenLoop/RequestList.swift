import NIOCore

/// The requests of a run, as the bytes that are sent, each with its class.
///
/// The file has a line for each request: `[CLASS⇥]TARGET[⇥BODY]`. The target begins with `/`; a request with a body is
/// sent as POST, one without as GET. Without a class it is of the class `all`.
package struct RequestList: Sendable {
    /// The names of the classes, in the order of their first requests.
    package let classes: [String]
    /// Each request's bytes, and the number of its class.
    let requests: [(bytes: ByteBuffer, class: Int)]

    /// The number of requests.
    package var count: Int { requests.count }

    /// Parses the lines of a file. `headers` are sent with each request; `Host` and `Content-Length` are added.
    ///
    /// Errors: a line without a target; no line at all.
    package init(_ text: String, host: String, headers: [String] = []) throws(RequestListError) {
        var classes: [String] = []
        var numbers: [String: Int] = [:]
        var requests: [(bytes: ByteBuffer, class: Int)] = []
        let common = "Host: \(host)\r\n" + headers.map { $0 + "\r\n" }.joined()
        for (row, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            var cells = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            let name = cells[0].hasPrefix("/") ? "all" : String(cells.removeFirst())
            guard let target = cells.first, target.hasPrefix("/"), !target.contains(" ") else {
                throw RequestListError(line: row + 1)
            }
            let body = cells.count > 1 ? cells[1...].joined(separator: "\t") : nil
            let length = body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
            let head = "\(body == nil ? "GET" : "POST") \(target) HTTP/1.1\r\n\(common)\(length)\r\n"
            let number = numbers[name] ?? classes.count
            if number == classes.count {
                numbers[name] = number
                classes.append(name)
            }
            requests.append((ByteBuffer(string: head + (body ?? "")), number))
        }
        if requests.isEmpty { throw RequestListError(line: 0) }
        self.classes = classes
        self.requests = requests
    }
}

/// A line of a request list without a target; line 0 is a list without lines.
package struct RequestListError: Error, Equatable, CustomStringConvertible {
    package let line: Int

    package var description: String {
        line == 0 ? "there are no requests" : "line \(line): a target begins with / and has no blanks"
    }
}
