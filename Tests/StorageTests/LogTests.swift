import Glibc
import Storage
import TestSupport
import Testing

@Suite struct LogTests {
    private let files = FaultyFileSystem()
    private let path = "/wal-7"

    private func write(_ payloads: [[UInt8]], syncEvery: Int = 1) throws {
        let log = try LogWriter(creating: path, first: 7, in: files)
        for (i, payload) in payloads.enumerated() {
            let sequence = try payload.withUnsafeBytes { try log.append($0) }
            #expect(sequence == 7 + i)
            if (i + 1) % syncEvery == 0 { try log.sync() }
        }
        try log.close()
    }

    private func read(from first: Int = 7) throws -> (sequences: [Int], payloads: [[UInt8]], end: LogReader.End)? {
        guard let log = try LogReader(path, in: files) else { return nil }
        var sequences: [Int] = []
        var payloads: [[UInt8]] = []
        log.forEach(from: first) { (sequence: Int, payload: UnsafeRawBufferPointer) in
            sequences.append(sequence)
            payloads.append(Array(payload))
        }
        return (sequences, payloads, log.end)
    }

    private var samples: [[UInt8]] {
        var random = SplitMix64(seed: 50)
        return (0..<20).map { _ in (0..<random.below(60)).map { _ in UInt8(random.below(256)) } }
    }

    @Test func appendedRecordsAreRead() throws {
        try write(samples)
        let log = try #require(try read())
        #expect(log.sequences == Array(7..<27))
        #expect(log.payloads == samples)
        #expect(log.end == .whole)
        let tail = try #require(try read(from: 20))
        #expect(tail.sequences == Array(20..<27))
        #expect(tail.payloads == Array(samples[13...]))
    }

    @Test func anEmptyLogHasNoRecords() throws {
        try write([])
        let log = try #require(try read())
        #expect(log.sequences == [])
        #expect(log.end == .whole)
    }

    @Test func aLogIsNeverOverwritten() throws {
        try write([[1]])
        #expect(storageError { try write([[2]]) }?.code == EEXIST)
        #expect(try read()?.payloads == [[1]])
    }

    /// Cut anywhere, a log has its whole records; one without a whole header counts as never created.
    @Test func aCutLogHasItsWholeRecords() throws {
        try write(samples, syncEvery: 100)
        let whole = try #require(files.bytes(of: path))
        for length in 0..<whole.count {
            files.spoil(path) { $0 = Array(whole.prefix(length)) }
            guard let found = try read() else {
                #expect(length < 24)
                continue
            }
            let recordCount = found.payloads.count
            let byteCount = 24 + samples.prefix(recordCount).reduce(0) { $0 + 24 + $1.count }
            #expect(length >= 24)
            #expect(found.payloads == Array(samples.prefix(recordCount)))
            #expect(found.end == (byteCount == length ? .whole : .cut(at: byteCount)), "\(length)")
        }
    }

    /// A flipped bit in records that were synced one by one is an error, except in the last one, which looks like a
    /// write that was cut short. It never gives other records.
    @Test func aFlippedBitIsDetected() throws {
        try write(samples)
        let whole = try #require(files.bytes(of: path))
        let last = whole.count - 24 - samples[19].count
        for offset in whole.indices {
            for bit in [0, 5] {
                files.spoil(path) {
                    $0 = whole; $0[offset] ^= 1 << UInt8(bit)
                }
                if offset < last {
                    guard case .corruptLog(path, _, _)? = storageError(from: { _ = try read() }) else {
                        Issue.record("the flipped bit in byte \(offset) is not detected")
                        return
                    }
                } else {
                    let found = try #require(try read())
                    #expect(found.payloads == Array(samples.prefix(19)))
                    #expect(found.end == .cut(at: last))
                }
            }
        }
    }

    /// A batch that was not synced may lose any of its pages; the records synced before it stay.
    @Test func anUnsyncedBatchMayLoseItsMiddle() throws {
        try write(samples, syncEvery: 10)
        let whole = try #require(files.bytes(of: path))
        let synced = 24 + samples.prefix(10).reduce(0) { $0 + 24 + $1.count }
        // The second ten were written while the first ten were durable.
        files.spoil(path) {
            $0 = whole; for i in synced..<(synced + 40) { $0[i] = 0 }
        }
        let found = try #require(try read())
        #expect(found.payloads == Array(samples.prefix(10)))
        #expect(found.end == .cut(at: synced))
    }

    /// Bytes that look like heads of long records at every fourth offset do not lead to a checksum for each of them.
    @Test(.timeLimit(.minutes(10))) func aLongCorruptTailIsReadQuickly() throws {
        try write(samples, syncEvery: 100)
        let whole = try #require(files.bytes(of: path))
        let noise = [UInt8]((0..<(1 << 20)).flatMap { _ in [0, 0, 0x10, 0] as [UInt8] })
        try files.replace(path, with: whole + noise)
        let found = try #require(try read())
        #expect(found.payloads == samples)
        #expect(found.end == .cut(at: whole.count))
    }

    @Test func aFailedCreationLeavesNoFile() throws {
        for call in 1...4 {
            let files = FaultyFileSystem()
            files.set(.fail(at: call, code: EIO))
            #expect(storageError { _ = try LogWriter(creating: path, first: 1, in: files) }?.code == EIO, "\(call)")
            #expect(files.allFiles == [])
        }
    }
}
