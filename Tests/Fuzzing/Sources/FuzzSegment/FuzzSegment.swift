import CFuzzer
import Foundation
import FuzzShop

private let shop: FuzzShop = {
    do { return try FuzzShop(documents: 300) } catch { fatalError("\(error)") }
}()
private let numbers: [UInt32] = [0, 1, 2, 63, 64, 127, 128, 255, 256, 4095, 65_535, 1 << 24, 1 << 31, .max - 1, .max]

/// The input's first byte chooses a segment and what is done with it, the rest are edits of four bytes: where, what
/// kind, how much. With all checksums right, or with none, whatever comes of it is no crash.
private func trySegment(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard count >= 5 else { return 0 }
    let number = Int(input[0] & 0xF) % shop.segmentPaths.count
    let choices: [[FuzzShop.Use]] = [[.read], [.check], [.write], FuzzShop.Use.allCases]
    let uses = choices[Int(input[0] >> 4 & 3)]
    var bytes = shop.bytes(shop.segmentPaths[number])
    for at in stride(from: 1, to: count - 3, by: 4) {
        let place = (Int(input[at]) | Int(input[at + 1]) << 8) * (bytes.count > 65_536 ? bytes.count >> 16 + 1 : 1)
        if bytes.isEmpty { return 0 }
        let from = place % bytes.count
        let value = input[at + 3]
        switch input[at + 2] % 8 {
        case 0, 1: bytes[from] ^= value
        case 2: bytes[from] = value
        case 3:
            let wild = numbers[Int(value) % numbers.count]
            for i in 0..<min(4, bytes.count - from) {
                bytes[from + i] = UInt8(truncatingIfNeeded: wild >> UInt32(8 * i))
            }
        case 4:
            let near = UInt32(bytes[from]) &+ (value & 1 == 0 ? 1 : .max)
            bytes[from] = UInt8(truncatingIfNeeded: near)
        case 5: for i in from..<min(from + Int(value), bytes.count) { bytes[i] = 0 }
        case 6: for i in from..<min(from + Int(value), bytes.count) { bytes[i] = bytes[i - from] }
        default: if value > 250 { bytes.removeLast(min(Int(value), bytes.count)) }
        }
    }
    if input[0] & 0x80 != 0 {
        FuzzShop.use(shop.disk(with: bytes, at: shop.segmentPaths[number]), uses, isWild: false)
    } else if let sealed = SealedSegment(sealing: bytes) {
        FuzzShop.use(shop.disk(with: sealed, as: number), uses, isWild: true)
    }
    return 0
}

@main
enum FuzzSegment {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments, trySegment))
    }
}
