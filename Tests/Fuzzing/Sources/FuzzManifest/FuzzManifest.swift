import CFuzzer
import Foundation
import FuzzSupport

private let fuzzIndex: FuzzIndex = {
    do { return try FuzzIndex(documents: 60) } catch { fatalError("\(error)") }
}()

/// Uses the input as one of the files besides segments, with a valid checksum or without: a manifest, the generation's
/// number, updates to a segment, tombstones.
private func tryManifest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = input.first else { return 0 }
    FuzzIndex.use(
        fuzzIndex.disk(with: Array(input.dropFirst()), asFile: Int(kind & 3), isSealed: kind & 4 != 0), isWild: true)
    return 0
}

@main
enum FuzzManifest {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--seeds" {
            for (number, seed) in fuzzIndex.seeds.enumerated() {
                try? Data(seed).write(to: URL(filePath: CommandLine.arguments[2] + "/seed\(number)"))
            }
            return
        }
        exit(LLVMFuzzerRunDriver(&count, &arguments, tryManifest))
    }
}
