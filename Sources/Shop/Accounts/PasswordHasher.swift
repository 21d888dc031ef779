import Crypto
import CryptoExtras
import FoundationEssentials
import NIOCore
import NIOPosix
import Synchronization

/// Hashes passwords with scrypt, which takes a fifth of a second and 32 MB on purpose.
///
/// A hash is stored with its parameters, `$scrypt$ln=15,r=8,p=3$SALT$HASH`, so that the cost can be raised later. The
/// work is done on as many threads as there are cores; when too many hashes wait for one, more are refused, so that a
/// flood of logins takes neither the memory nor the threads of others.
final class PasswordHasher: Sendable {
    private struct ScryptCost: Equatable {
        var cost: Int
        var blockSize = 8
        var parallelism = 3

        var text: String { "ln=\(cost),r=\(blockSize),p=\(parallelism)" }

        init(cost: Int) { self.cost = cost }

        init?(_ text: Substring) {
            let values = text.split(separator: ",").compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }
            guard values.count == 3, (1...20).contains(values[0]), (1...32).contains(values[1]),
                (1...16).contains(values[2])
            else { return nil }
            (cost, blockSize, parallelism) = (values[0], values[1], values[2])
        }
    }

    private let parameters: ScryptCost
    private let pool: NIOThreadPool
    private let slots: Slots
    private let done = Mutex(0)

    /// Creates a hasher. `cost` is the binary logarithm of scrypt's N; `queue` is the number of hashes that may wait.
    init(cost: Int, queue: Int, threads: Int = System.coreCount) {
        parameters = ScryptCost(cost: cost)
        pool = NIOThreadPool(numberOfThreads: threads)
        slots = Slots(threads + queue)
        pool.start()
    }

    /// The rounds of scrypt that were done, for tests: an answer must not show by its cost which accounts exist.
    var work: Int { done.withLock { $0 } }

    /// Returns the hash of a password as it is stored. Errors: `busy`, status 503.
    func hash(_ password: String) async throws -> String {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        let hash = try await derive(password, salt, [parameters])
        return "$scrypt$\(parameters.text)$\(Self.encoded(salt))$\(Self.encoded(hash))"
    }

    /// Compares a password with a stored hash, or takes as long for nil and returns false. A hash of a lower cost takes
    /// as long as one of the cost of now: its age shows nothing either.
    ///
    /// Errors: `busy`, status 503.
    func verify(_ password: String, _ stored: String?) async throws -> Bool {
        let parts = (stored ?? "").split(separator: "$")
        guard parts.count == 4, parts[0] == "scrypt", let parameters = ScryptCost(parts[1]),
            let salt = Self.decoded(parts[2]), let hash = Self.decoded(parts[3])
        else {
            _ = try await derive(password, Data(count: 16), [parameters])
            return false
        }
        // The rounds of 10, 10, 11, 12, 13 and 14 are those of 15.
        let rest = (parameters.cost..<max(self.parameters.cost, parameters.cost)).map { ScryptCost(cost: $0) }
        let derived = try await derive(password, salt, [parameters] + rest)
        return derived.count == hash.count && zip(derived, hash).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// True if a stored hash has other parameters than new ones.
    func isOutdated(_ stored: String) -> Bool { !stored.hasPrefix("$scrypt$\(parameters.text)$") }

    /// Derives a key with the first of some parameters, and spends the time of the others.
    private func derive(_ password: String, _ salt: Data, _ list: [ScryptCost]) async throws -> Data {
        try await slots.run(orThrow: Self.busy) {
            done.withLock { done in done += list.reduce(0) { $0 + (1 << $1.cost) } }
            return try await pool.runIfActive {
                let keys = try list.map { parameters in
                    try KDF.Scrypt.deriveKey(
                        from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << parameters.cost,
                        blockSize: parameters.blockSize, parallelism: parameters.parallelism
                    ).withUnsafeBytes { Data($0) }
                }
                return keys[0]
            }
        }
    }

    private static let busy = Problem(
        .serviceUnavailable, "busy", "too many people log in at this moment", hint: "try again in a second",
        retryAfter: 1)

    private static func encoded(_ data: Data) -> String {
        String(data.base64EncodedString().prefix { $0 != "=" })
    }

    private static func decoded(_ text: Substring) -> Data? {
        Data(base64Encoded: text + String(repeating: "=", count: (4 - text.count % 4) % 4))
    }
}
