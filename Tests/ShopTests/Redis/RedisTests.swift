import FoundationEssentials
import Glibc
import NIOCore
import Testing

@testable import Shop

@Suite struct RedisTests {
    /// Runs a body with a Redis server of its own.
    private func withServer(_ body: (RedisServer, RedisClient) async throws -> Void) async throws {
        try await withTemporaryFolder(servers: 1) { folder in
            let server = try await RedisServer.open(in: folder)
            var settings = RedisSettings(address: .socket(path: server.socket))
            settings.replyTimeout = .seconds(60)
            let client = RedisClient(settings)
            do {
                try await body(server, client)
            } catch {
                client.close()
                await server.close()
                throw error
            }
            client.close()
            await server.close()
        }
    }

    @Test func repliesOfAllKindsAreParsed() async throws {
        try await withServer { _, redis in
            #expect(try await redis.send("SET", "a", "1") == .status("OK"))
            #expect(try await redis.send("GET", "a").int == 1)
            #expect(try await redis.send("GET", "b") == .null)
            #expect(try await redis.send("INCRBY", "a", 41) == .integer(42))
            try await redis.send("HSET", "h", "x", "1", "y", "书")
            let pairs = try await redis.send("HGETALL", "h").pairs
            #expect(pairs.map(\.0) == ["x", "y"])
            #expect(pairs.last?.1.text == "书")
            let nested = try await redis.send("EVAL", "return {1, {'a', {2}}, false}", 0)
            #expect(
                nested == .array([.integer(1), .array([.bytes([97]), .array([.integer(2)])]), .null]))
        }
    }

    @Test func valuesOfAnyBytesAndLengthsComeBack() async throws {
        try await withServer { _, redis in
            var generator = SystemRandomNumberGenerator()
            for length in [0, 1, 2, 63, 64, 4096, 70_000, 1_500_000] {
                let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
                try await redis.send("SET", "k", ByteBuffer(bytes: bytes))
                #expect(try await redis.send("GET", "k") == .bytes(bytes))
            }
        }
    }

    @Test func repliesOfAThousandCommandsAtOnceBelongToTheirCommands() async throws {
        try await withServer { _, redis in
            let before = try await connections(redis)
            let replies = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                for number in 0..<1000 {
                    group.addTask { (number, try await redis.send("ECHO", number).text) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.allSatisfy { "\($0.0)" == $0.1 })
            #expect(try await connections(redis) == before)
        }
    }

    /// The number of connections that a server has accepted.
    private func connections(_ redis: RedisClient) async throws -> Substring? {
        let lines = try await redis.send("INFO", "stats").text?.split(separator: "\r\n") ?? []
        return lines.first { $0.hasPrefix("total_connections_received") }
    }

    @Test func aRefusedCommandFailsAlone() async throws {
        try await withServer { _, redis in
            try await redis.send("SET", "a", "text")
            let wrong = Task { try await redis.send("INCR", "a") }
            let right = Task { try await redis.send("GET", "a") }
            await #expect(throws: RedisError.self) { try await wrong.value }
            #expect(try await right.value.text == "text")
        }
    }

    @Test func aScriptRunsAgainAfterTheServerHasForgottenIt() async throws {
        try await withServer { _, redis in
            let script = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
            #expect(try await redis.run(script, keys: ["n"], [2]) == .integer(2))
            try await redis.send("SCRIPT", "FLUSH")
            #expect(try await redis.run(script, keys: ["n"], [2]) == .integer(4))
            #expect(try await redis.run(script, keys: ["n"], [2]) == .integer(6))
        }
    }

    @Test func aWaitOnAConnectionOfItsOwnHoldsUpNobody() async throws {
        try await withServer { _, redis in
            let blocking = try await redis.makeBlockingConnection(waiting: .seconds(60))
            async let popped = blocking.send("BLPOP", "list", 0)
            #expect(try await redis.send("PING") == .status("PONG"))
            try await redis.send("RPUSH", "list", "x")
            #expect(try await popped.elements.last?.text == "x")
            blocking.close()
        }
    }

    @Test func aCanceledWaitEnds() async throws {
        try await withServer { _, redis in
            let blocking = try await redis.makeBlockingConnection(waiting: .seconds(60))
            let task = Task { try await blocking.send("BLPOP", "list", 0) }
            task.cancel()
            await #expect(throws: RedisError.self) { try await task.value }
        }
    }

    @Test func messagesArriveAndALostSubscriptionIsRenewed() async throws {
        try await withServer { _, redis in
            var messages = redis.messages(of: "c").makeAsyncIterator()
            #expect(await messages.next() == .some(nil))
            while try await redis.send("PUBLISH", "c", "1").int == 0 { await Task.yield() }
            #expect(await messages.next() == "1")
            try await redis.send("CLIENT", "KILL", "TYPE", "pubsub")
            #expect(await messages.next() == .some(nil))
            while try await redis.send("PUBLISH", "c", "2").int == 0 { await Task.yield() }
            #expect(await messages.next() == "2")
        }
    }

    @Test func aLostConnectionIsRenewed() async throws {
        try await withServer { _, redis in
            try await redis.send("SET", "a", "1")
            _ = try? await redis.send("CLIENT", "KILL", "SKIPME", "no", "TYPE", "normal")
            while (try? await redis.send("GET", "a"))?.int != 1 { await Task.yield() }
        }
    }

    @Test func aServerThatDoesNotReplyInTimeIsGivenUp() async throws {
        try await withServer { server, redis in
            var settings = RedisSettings(address: .socket(path: server.socket))
            settings.replyTimeout = .milliseconds(100)
            let impatient = RedisClient(settings)
            try await impatient.send("PING")
            try await redis.send("CLIENT", "PAUSE", 2000, "ALL")
            await #expect(throws: RedisError.timeout) { try await impatient.send("PING") }
            impatient.close()
        }
    }

    @Test func aUserLogsInWithAPasswordAndMayDoWhatItsListAllows() async throws {
        try await withServer { server, redis in
            try await redis.send("ACL", "SETUSER", "shop", "on", ">hunter2", "~cart*", "+@all", "-flushall")
            var settings = RedisSettings(
                address: .socket(path: server.socket), user: "shop", password: Secret("hunter2"))
            let user = RedisClient(settings)
            #expect(try await user.send("SET", "cart_1", "x") == .status("OK"))
            await #expect(throws: RedisError.self) { try await user.send("SET", "other", "x") }
            user.close()
            settings.password = Secret("wrong")
            let stranger = RedisClient(settings)
            await #expect(throws: RedisError.self) { try await stranger.send("PING") }
        }
    }

    @Test func theOwnServerIsAdoptedByOthersAndAfterACrashAndKeepsItsData() async throws {
        try await withTemporaryFolder(servers: 1) { folder in
            let servers = try await withThrowingTaskGroup(of: RedisServer.self) { group in
                for _ in 1...4 { group.addTask { try await RedisServer.open(in: folder) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let client = RedisClient(RedisSettings(address: .socket(path: servers[0].socket)))
            try await client.send("SET", "a", "kept")
            for server in servers.dropLast() { await server.close() }
            #expect(try await client.send("GET", "a").text == "kept")
            await servers[3].close()
            #expect((try? await client.send("GET", "a")) == nil)
            let again = try await RedisServer.open(in: folder)
            let other = RedisClient(RedisSettings(address: .socket(path: again.socket)))
            #expect(try await other.send("GET", "a").text == "kept")
            #expect(try await other.send("CONFIG", "GET", "appendonly").elements.last?.text == "yes")
            await again.close()
        }
    }

    @Test func theOwnServerHasReadItsFileWhenItIsOpen() async throws {
        try await withTemporaryFolder(servers: 1) { folder in
            let first = try await RedisServer.open(in: folder)
            var settings = RedisSettings(address: .socket(path: first.socket))
            // The script takes a second, and more on a machine that is busy.
            settings.replyTimeout = .minutes(10)
            let client = RedisClient(settings)
            try await client.send("EVAL", "for i = 1, 500000 do redis.call('SET', i, i) end", 0)
            client.close()
            await first.close()
            let second = try await RedisServer.open(in: folder)
            let other = RedisClient(RedisSettings(address: .socket(path: second.socket)))
            #expect(try await other.send("GET", "500000").int == 500_000)
            other.close()
            await second.close()
        }
    }

    @Test func theOwnServerWouldHoldThePortsOfAKilledProcessIfItInheritedItsFiles() async throws {
        try await withTemporaryFolder(servers: 1) { folder in
            let inheritable = open(folder + "/inheritable", O_CREAT | O_RDWR, 0o600)
            defer { close(inheritable) }
            let server = try await RedisServer.open(in: folder)
            let pid = try String(contentsOfFile: folder + "/redis/redis.pid", encoding: .utf8)
            let files = "/proc/\(pid.trimmingCharacters(in: .whitespacesAndNewlines))/fd"
            let targets = try FileManager.default.contentsOfDirectory(atPath: files).map { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: files + "/" + name)) ?? ""
            }
            #expect(targets.contains { $0.contains("appendonly") })
            #expect(!targets.contains { $0.contains("inheritable") })
            await server.close()
        }
    }

    @Test func theOwnServerIsStartedAgainAfterItWasKilled() async throws {
        try await withServer { server, redis in
            try await redis.send("SET", "a", "kept")
            _ = try? await redis.send("SHUTDOWN", "NOSAVE")
            try await server.startIfNeeded()
            while (try? await redis.send("GET", "a"))?.text != "kept" { await Task.yield() }
        }
    }

    @Test func aServerThatStandsStillOrCannotWriteIsNotStartedTwice() async throws {
        try await withServer { server, redis in
            let folder = server.socket.replacing("/redis.sock", with: "")
            let number = try #require(
                Int32(try String(contentsOfFile: folder + "/redis.pid", encoding: .utf8).filter(\.isNumber)))
            kill(number, SIGSTOP)
            try await server.startIfNeeded()
            kill(number, SIGCONT)
            #expect(try servers(in: folder) == [number])
            // A server whose disk is full refuses commands, PING too.
            try await redis.send("ACL", "SETUSER", "default", "-ping")
            try await server.startIfNeeded()
            #expect(try servers(in: folder) == [number])
            try await redis.send("ACL", "SETUSER", "default", "+ping")
        }
    }

    /// The numbers of the Redis servers that work in a folder.
    private func servers(in folder: String) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).filter { process in
            let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
            let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")
            return name?.hasPrefix("redis-server") ?? false && place == folder
        }
    }

    @Test func aFolderWithAPathTooLongForASocketIsRefusedWithTheReason() async throws {
        try await withTemporaryFolder(servers: 1) { folder in
            let long = folder + "/" + String(repeating: "x", count: 100)
            await #expect(throws: ConfigurationProblem.self) { _ = try await RedisServer.open(in: long) }
        }
    }
}
