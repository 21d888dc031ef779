import Foundation

/// Runs a Python program and returns what it prints.
///
/// Errors: a program that fails, with what it said.
func python(_ program: String, _ arguments: [String] = [], input: String = "") async throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-c", program] + arguments
    let (standardInput, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = standardInput
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let writing = Task.detached {
        standardInput.fileHandleForWriting.write(Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let reason = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    try await writing.value
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw PythonFailure(description: reason) }
    return text
}

/// Runs a body with a server in Python, which prints its port first.
///
/// `script` is a path in the project.
func withPythonServer(_ script: String, _ arguments: [String], _ body: (Int) async throws -> Void) async throws {
    let process = Process(), output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-u", projectFile(script)] + arguments
    // The packages of the counterparts, as ./quire-test installs them.
    process.environment = ProcessInfo.processInfo.environment.merging(
        ["PYTHONPATH": projectFile(".build/providers"), "PYTHONWARNINGS": "ignore"]
    ) { $1 }
    process.standardOutput = output
    try process.run()
    defer {
        // The thread that started it may block SIGTERM, and then so does the child.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
    var line: [UInt8] = []
    while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 { line.append(byte) }
    guard let port = Int(String(decoding: line, as: UTF8.self)) else {
        throw PythonFailure(description: "\(script) does not run")
    }
    try await body(port)
}

/// Returns the path of a file of the project.
func projectFile(_ path: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: path).path
}

/// What a failed Python program said.
struct PythonFailure: Error, CustomStringConvertible {
    let description: String
}
