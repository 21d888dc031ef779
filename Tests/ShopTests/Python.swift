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

/// What a failed Python program said.
struct PythonFailure: Error, CustomStringConvertible {
    let description: String
}
