import CFuzzer
import Foundation
import FuzzShop
import OracleSupport
import Storage

private let shop: FuzzShop = {
    do { return try FuzzShop(documents: 24) } catch { fatalError("\(error)") }
}()

/// The input as a log, or as the records of one, with right checksums: a writer finds a change in each, or says which
/// makes none. A log that is cut short tells of its first records.
private func tryLog(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let mode = input.first else { return 0 }
    let body = input.dropFirst()
    if mode & 1 == 0 {
        FuzzShop.use(shop.disk(with: Array(body), at: shop.logPath), isWild: false)
        return 0
    }
    let records = body.split(separator: 0xFF, omittingEmptySubsequences: true).map(Array.init)
    let log = FuzzShop.log(like: shop.bytes(shop.logPath), of: records)
    FuzzShop.use(shop.disk(with: log, at: shop.logPath), isWild: false)
    let files = shop.disk(with: Array(log.prefix(Int(mode >> 1) * 7)), at: shop.logPath)
    guard let reader = try? LogReader(shop.logPath, in: files) else { return 0 }
    var found: [[UInt8]] = []
    reader.forEach(from: 0) { (_: Int, bytes: UnsafeRawBufferPointer) in found.append(Array(bytes)) }
    precondition(records.starts(with: found), "a log tells of other records than were written")
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
