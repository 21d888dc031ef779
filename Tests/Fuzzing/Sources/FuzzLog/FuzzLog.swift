import CFuzzer
import Foundation
import FuzzSupport

@testable import Storage
@testable import TestSupport

private let fuzzIndex: FuzzIndex = {
    do { return try FuzzIndex(documents: 24) } catch { fatalError("\(error)") }
}()

/// Uses the input as a log, or as the records of one with valid checksums: a writer finds a change in each record, or
/// reports the one that is malformed. A log that is cut short returns its first records.
private func tryLog(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let mode = input.first else { return 0 }
    let body = input.dropFirst()
    if mode & 1 == 0 {
        FuzzIndex.use(fuzzIndex.disk(with: Array(body), at: fuzzIndex.logPath), isWild: false)
        return 0
    }
    let records = body.split(separator: 0xFF, omittingEmptySubsequences: true).map(Array.init)
    let log = FuzzIndex.log(like: fuzzIndex.bytes(fuzzIndex.logPath), of: records)
    FuzzIndex.use(fuzzIndex.disk(with: log, at: fuzzIndex.logPath), isWild: false)
    let files = fuzzIndex.disk(with: Array(log.prefix(Int(mode >> 1) * 7)), at: fuzzIndex.logPath)
    guard let reader = try? LogReader(fuzzIndex.logPath, in: files) else { return 0 }
    var found: [[UInt8]] = []
    reader.forEach(from: 0) { (_: Int, bytes: UnsafeRawBufferPointer) in found.append(Array(bytes)) }
    precondition(records.starts(with: found), "a log returns other records than were written")
    return 0
}

@main
enum FuzzLog {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, tryLog))
    }
}
