import CHiredis
import FoundationEssentials
import Glibc

/// The shop's own Redis server, for shops without another: it listens on a socket in the data folder alone, and its
/// append-only file keeps what it has acknowledged up to a second before a crash.
///
/// The first process to come starts the server, the others adopt it, also after a crash of the first; the last one to
/// leave stops it. Processes take part by a shared lock on `redis.users`; starting and stopping is done under an
/// exclusive lock on `redis.lock`.
final class RedisServer: Sendable {
    /// The socket on which it listens.
    let socket: String
    private let folder: String
    private let users: Int32

    private init(_ folder: String, _ socket: String, _ users: Int32) {
        self.folder = folder
        self.socket = socket
        self.users = users
    }

    /// Returns the server of a data folder, running.
    ///
    /// Errors: `ConfigurationProblem` if the folder's path is too long for a socket, or the server does not start.
    static func open(in data: String) async throws -> RedisServer {
        let folder = data + "/redis"
        let socket = folder + "/redis.sock"
        // The path of a socket has 107 bytes at most, with the absolute path that the server binds.
        guard socket.utf8.count < 108 else {
            throw ConfigurationProblem("the path \(socket) is too long for a socket; use a shorter data folder")
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let server = RedisServer(folder, socket, try await lock(folder + "/redis.users", LOCK_SH))
        try await server.startIfNeeded()
        // Until it has read its file it refuses all commands; beyond ten seconds callers begin without it.
        for _ in 1...400 {
            guard await server.isLoading() else { break }
            try await Task.sleep(for: .milliseconds(25))
        }
        return server
    }

    /// Starts the server unless it runs. A server that still reads its file, that refuses commands because its disk is
    /// full, or that stands still, runs: a second one would write to the same files.
    func startIfNeeded() async throws {
        let starting = try await Self.lock(folder + "/redis.lock", LOCK_EX)
        defer { Glibc.close(starting) }
        var isStarted = false
        for _ in 1...400 {
            if await isListening() { return }
            if !isStarted, !isAlive() {
                try start()
                isStarted = true
            }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw ConfigurationProblem("redis-server takes no connections; \(folder)/redis.log has the reason")
    }

    /// True if the server takes connections, whatever it replies.
    private func isListening() async -> Bool {
        let client = RedisClient(RedisSettings(address: .socket(path: socket)))
        defer { client.close() }
        do {
            try await client.send("PING")
        } catch RedisError.unavailable {
            return false
        } catch {
            return true
        }
        return true
    }

    private func isLoading() async -> Bool {
        let client = RedisClient(RedisSettings(address: .socket(path: socket)))
        defer { client.close() }
        do {
            try await client.send("PING")
        } catch RedisError.refused(let reason) {
            return reason.hasPrefix("LOADING")
        } catch {
            return false
        }
        return false
    }

    /// True if the process that wrote its number down works in the folder still.
    private func isAlive() -> Bool {
        guard let number = try? String(contentsOfFile: folder + "/redis.pid", encoding: .utf8),
            let process = Int(number.filter(\.isNumber)),
            let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8),
            let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd"),
            let own = realpath(folder, nil)
        else { return false }
        defer { free(own) }
        return name.hasPrefix("redis-server") && place == String(cString: own)
    }

    /// Leaves the server, and stops it when no other process uses it.
    func close() async {
        guard let starting = try? await Self.lock(folder + "/redis.lock", LOCK_EX) else { return }
        defer { Glibc.close(starting) }
        if flock(users, LOCK_EX | LOCK_NB) == 0 {
            let client = RedisClient(RedisSettings(address: .socket(path: socket)))
            _ = try? await client.send("SHUTDOWN", "SAVE")
            client.close()
        }
        Glibc.close(users)
    }

    /// Starts the server, which detaches itself. It inherits no sockets of this process, whose ports it would hold when
    /// this process is gone, and no environment, which may have secrets.
    private func start() throws {
        let words = [
            "redis-server", "--daemonize", "yes", "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
            "--dir", folder, "--pidfile", folder + "/redis.pid", "--logfile", folder + "/redis.log", "--appendonly",
            "yes", "--appendfsync", "everysec", "--save", "",
        ]
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        // This thread may block signals, and the server would never take one that ends it.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var child = pid_t()
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        let error = posix_spawnp(&child, "redis-server", &actions, &attributes, &arguments, &environment)
        guard error == 0 else {
            let reason = String(cString: strerror(error))
            throw ConfigurationProblem("redis-server cannot be started (\(reason)): install it")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
    }

    /// Opens a file and locks it. Waiting suspends the task: whoever holds the lock may need this thread.
    private static func lock(_ path: String, _ kind: Int32) async throws -> Int32 {
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ConfigurationProblem("\(path) cannot be opened") }
        while flock(file, kind | LOCK_NB) != 0 {
            guard errno == EINTR || errno == EWOULDBLOCK else {
                Glibc.close(file)
                throw ConfigurationProblem("\(path) cannot be locked")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        return file
    }
}
