import CFuzzer
import Foundation
import FuzzShop

private let shop: FuzzShop = {
    do { return try FuzzShop(documents: 60) } catch { fatalError("\(error)") }
}()

/// The input as one of the files that stand beside segments, with a right checksum or without: a manifest, the number
/// of the generation, changes to a segment, tombstones.
private func tryManifest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let kind = input.first else { return 0 }
    FuzzShop.use(
        shop.disk(with: Array(input.dropFirst()), asFile: Int(kind & 3), isSealed: kind & 4 != 0), isWild: true)
    return 0
}

@main
enum FuzzManifest {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--seeds" {
            for (number, seed) in shop.seeds.enumerated() {
                try? Data(seed).write(to: URL(filePath: CommandLine.arguments[2] + "/seed\(number)"))
            }
            return
        }
        exit(LLVMFuzzerRunDriver(&count, &arguments, tryManifest))
    }
}
