/// The reason for which the body of a request ended before its end: the error of whoever reads it.
///
/// Malformed and cut-off bodies end with an `HTTPParserError` of the parser instead, which stands for `cutOff`.
enum RequestBodyError: Error {
    /// The client closed the connection, or the body is malformed.
    case cutOff
    /// The client sent too little in too much time.
    case tooSlow
    /// The server ends.
    case shuttingDown
}
