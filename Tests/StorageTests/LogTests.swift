import Glibc
import OracleSupport
import Storage
import Testing

@Suite struct LogTests {
    private let files = FaultyFileSystem()
    private let path = "/wal-7"

    private func write(_ payloads: [[UInt8]], syncEvery: Int = 1) throws {
        let log = try LogWriter(creating: path, first: 7, in: files)
        for (i, payload) in payloads.enumerated() {
            let number = try payload.withUnsafeBytes { try log.append($0) }
            #expect(number == 7 + i)
            if (i + 1) % syncEvery == 0 { try log.sync() }
        }
        try log.close()
    }

    private func read(from sequence: Int = 7) throws -> (numbers: [Int], payloads: [[UInt8]], end: LogReader.End)? {
        guard let log = try LogReader(path, in: files) else { return nil }
        var numbers: [Int] = []
        var payloads: [[UInt8]] = []
        log.forEach(from: sequence) { (number: Int, payload: UnsafeRawBufferPointer) in
            numbers.append(number)
            payloads.append(Array(payload))
        }
        return (numbers, payloads, log.end)
    }

    private var samples: [[UInt8]] {
        var random = SplitMix64(seed: 50)
        return (0..<20).map { _ in (0..<random.below(60)).map { _ in UInt8(random.below(256)) } }
    }

    @Test func whatWasAppendedIsRead() throws {
        try write(samples)
        let all = try #require(try read())
        #expect(all.numbers == Array(7..<27) && all.payloads == samples && all.end == .whole)
        let rest = try #require(try read(from: 20))
        #expect(rest.numbers == Array(20..<27) && rest.payloads == Array(samples[13...]))
    }

    @Test func anEmptyLogHasNoRecords() throws {
        try write([])
        let all = try #require(try read())
        #expect(all.numbers == [] && all.end == .whole)
    }

    @Test func aLogIsNeverWrittenOver() throws {
        try write([[1]])
        #expect(storageError { try write([[2]]) }?.code == EEXIST)
        #expect(try read()?.payloads == [[1]])
    }

    /// Cut anywhere, a log holds its whole records; one cut before its first was never begun.
    @Test func aCutLogHasItsWholeRecords() throws {
        try write(samples, syncEvery: 100)
        let whole = try #require(files.bytes(of: path))
        for length in 0..<whole.count {
            files.spoil(path) { $0 = Array(whole.prefix(length)) }
            guard let found = try read() else {
                #expect(length < 24)
                continue
            }
            let kept = found.payloads.count
            let bytes = 24 + samples.prefix(kept).reduce(0) { $0 + 24 + $1.count }
            #expect(length >= 24 && found.payloads == Array(samples.prefix(kept)))
            #expect(found.end == (bytes == length ? .whole : .cut(at: bytes)), "\(length)")
        }
    }

    /// A flipped bit among records that were synced one by one is an error, except in the last, which looks like a
    /// write that was cut short; it never makes other records.
    @Test func aFlippedBitIsNoticed() throws {
        try write(samples)
        let whole = try #require(files.bytes(of: path))
        let last = whole.count - 24 - samples[19].count
        for at in whole.indices {
            for bit in [0, 5] {
                files.spoil(path) {
                    $0 = whole; $0[at] ^= 1 << UInt8(bit)
                }
                if at < last {
                    guard case .damagedLog(path, _, _)? = storageError(from: { _ = try read() }) else {
                        Issue.record("byte \(at) goes unnoticed")
                        return
                    }
                } else {
                    let found = try #require(try read())
                    #expect(found.payloads == Array(samples.prefix(19)) && found.end == .cut(at: last))
                }
            }
        }
    }

    /// A batch that was not synced may lose any of its pages; what was synced before it stays.
    @Test func anUnsyncedBatchMayLoseItsMiddle() throws {
        try write(samples, syncEvery: 10)
        let whole = try #require(files.bytes(of: path))
        let synced = 24 + samples.prefix(10).reduce(0) { $0 + 24 + $1.count }
        // The second ten were written while the first ten were durable.
        files.spoil(path) {
            $0 = whole; for i in synced..<(synced + 40) { $0[i] = 0 }
        }
        let found = try #require(try read())
        #expect(found.payloads == Array(samples.prefix(10)) && found.end == .cut(at: synced))
    }

    /// Damage that looks like the beginnings of long records at every fourth byte is not summed up again and again.
    @Test(.timeLimit(.minutes(1))) func aLongDamagedEndIsReadQuickly() throws {
        try write(samples, syncEvery: 100)
        let whole = try #require(files.bytes(of: path))
        let noise = [UInt8]((0..<(1 << 20)).flatMap { _ in [0, 0, 0x10, 0] as [UInt8] })
        try files.replace(path, with: whole + noise)
        let found = try #require(try read())
        #expect(found.payloads == samples && found.end == .cut(at: whole.count))
    }

    @Test func anErrorEndsTheCreationWithoutAFile() throws {
        for call in 1...4 {
            let files = FaultyFileSystem()
            files.set(.fail(at: call, code: EIO))
            #expect(storageError { _ = try LogWriter(creating: path, first: 1, in: files) }?.code == EIO, "\(call)")
            #expect(files.allFiles == [])
        }
    }
}
