import CFuzzer
import Foundation
import FuzzSupport

private let fuzzIndex: FuzzIndex = {
    do { return try FuzzIndex(documents: 300) } catch { fatalError("\(error)") }
}()
private let numbers: [UInt32] = [0, 1, 2, 63, 64, 127, 128, 255, 256, 4095, 65_535, 1 << 24, 1 << 31, .max - 1, .max]

/// Edits a segment and uses it. The input's first byte selects the segment and the use, the remaining bytes are edits
/// of four bytes: offset, kind and amount. With all checksums valid, or with none, nothing crashes.
private func trySegment(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard count >= 5 else { return 0 }
    let segmentIndex = Int(input[0] & 0xF) % fuzzIndex.segmentPaths.count
    let choices: [[FuzzIndex.Use]] = [[.read], [.check], [.write], FuzzIndex.Use.allCases]
    let uses = choices[Int(input[0] >> 4 & 3)]
    var bytes = fuzzIndex.bytes(fuzzIndex.segmentPaths[segmentIndex])
    for edit in stride(from: 1, to: count - 3, by: 4) {
        let scale = bytes.count > 65_536 ? bytes.count >> 16 + 1 : 1
        let offset = (Int(input[edit]) | Int(input[edit + 1]) << 8) * scale
        if bytes.isEmpty { return 0 }
        let start = offset % bytes.count
        let value = input[edit + 3]
        switch input[edit + 2] % 8 {
        case 0, 1: bytes[start] ^= value
        case 2: bytes[start] = value
        case 3:
            let wild = numbers[Int(value) % numbers.count]
            for i in 0..<min(4, bytes.count - start) {
                bytes[start + i] = UInt8(truncatingIfNeeded: wild >> UInt32(8 * i))
            }
        case 4:
            let near = UInt32(bytes[start]) &+ (value & 1 == 0 ? 1 : .max)
            bytes[start] = UInt8(truncatingIfNeeded: near)
        case 5: for i in start..<min(start + Int(value), bytes.count) { bytes[i] = 0 }
        case 6: for i in start..<min(start + Int(value), bytes.count) { bytes[i] = bytes[i - start] }
        default: if value > 250 { bytes.removeLast(min(Int(value), bytes.count)) }
        }
    }
    if input[0] & 0x80 != 0 {
        FuzzIndex.use(fuzzIndex.disk(with: bytes, at: fuzzIndex.segmentPaths[segmentIndex]), uses, isWild: false)
    } else if let sealed = ChecksummedSegment(sealing: bytes) {
        FuzzIndex.use(fuzzIndex.disk(with: sealed, as: segmentIndex), uses, isWild: true)
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
