import Crypto
import Storage

/// The secret by which the clients of one day are told apart, without their addresses being kept.
///
/// The log has the SHA-256 of the secret and the network of a client, 64 bits of it. The secret of a day is replaced on
/// the next one: from then on nobody can find out which networks the log is about.
struct DailySalt: Sendable, Equatable {
    let day: LogDay
    private let bytes: [UInt8]

    /// Draws the secret of a day.
    init(_ day: LogDay) {
        self.day = day
        bytes = Self.random(16)
    }

    /// Reads the secret of a day, which was written before the process started again; nil if there is none.
    init?(_ day: LogDay, _ folder: DemandFolder) {
        guard let written = try? folder.files.read(folder.saltPath), written.count == 10 + 16,
            String(decoding: written[..<10], as: UTF8.self) == "\(day)"
        else { return nil }
        self.day = day
        bytes = Array(written[10...])
    }

    /// Replaces the secret on the disk.
    func write(_ folder: DemandFolder) throws(StorageError) {
        try folder.files.replace(folder.saltPath, with: Array("\(day)".utf8) + bytes)
    }

    /// Returns the name of a client on this day: 16 hexadecimal digits.
    func name(_ client: some Sequence<UInt8>) -> String {
        let hash = SHA256.hash(data: bytes + client)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: hash.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Returns random bytes of the system's generator.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
