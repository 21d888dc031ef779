import Catalog
import Foundation
import Logging
import SearchServer
import ServiceLifecycle
import TestSupport
import Testing

/// The local socket of a data folder has one owner at a time.
@Suite struct LocalSocketTests {
    private let home: TemporaryFolder
    private let folder: DataFolder
    private let socket: LocalSocket

    init() throws {
        home = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: home.path + "/data", withIntermediateDirectories: true)
        folder = DataFolder(home.path + "/data")
        socket = LocalSocket(folder)
    }

    private func store() -> CatalogStore { makeStore(folder, logger: .quiet) }

    @Test func oneOwnerAtATimeRemovesTheSocket() throws {
        do {
            let claim = try #require(try socket.claim())
            #expect(try socket.claim() == nil)
            FileManager.default.createFile(atPath: socket.path, contents: nil)
            withExtendedLifetime(claim) {}
        }
        #expect(!FileManager.default.fileExists(atPath: socket.path))
        #expect(try socket.claim() != nil)
    }

    @Test func aCrashLeavesASocketThatTheNextOwnerReplaces() async throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/.local", withIntermediateDirectories: true)
        FileManager.default.createFile(atPath: socket.path, contents: nil)
        let claim = try #require(try await socket.claimUnlessServed())
        let status = try await withLocalServer(claim, store(), logger: .quiet) { client in
            try await client.send(.get, "/healthz").status
        }
        #expect(status == 200)
    }

    @Test func aSecondCommandUsesTheServerOfTheFirst() async throws {
        let claim = try #require(try await socket.claimUnlessServed())
        let socket = socket
        let (isFree, status) = try await withLocalServer(claim, store(), logger: .quiet) { _ in
            let isFree = try await socket.claimUnlessServed() != nil
            return (isFree, try await LocalClient(socket).send(.get, "/v1").status)
        }
        #expect(!isFree)
        #expect(status == 200)
    }

    @Test func anOwnerThatDoesNotServeIsNotWaitedForWithoutEnd() async throws {
        let claim = try socket.claim()
        await #expect(throws: LocalSocketUnavailable.self) { try await socket.claimUnlessServed(patience: .zero) }
        withExtendedLifetime(claim) {}
    }

    @Test func aPathThatIsTooLongIsRefused() throws {
        let deep = LocalSocket(DataFolder(home.path + "/" + String(repeating: "d", count: 100)))
        #expect(throws: LocalSocketUnavailable.self) { try deep.claim() }
    }

    /// A server that starts while a command works takes the socket when that has ended.
    @Test func aServerTakesTheSocketWhenACommandHasEnded() async throws {
        var claim = try socket.claim()
        let store = store()
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: LocalServing(store, SearchThreads(), nil, nil, .quiet))], logger: .quiet))
        let serving = Task { try await group.run() }
        withExtendedLifetime(claim) {}
        claim = nil
        while (try? await LocalClient(socket).send(.get, "/healthz"))?.status != 200 { await Task.yield() }
        #expect(try socket.claim() == nil)
        await group.triggerGracefulShutdown()
        try await serving.value
        #expect(try socket.claim() != nil)
        try store.close()
    }

    @Test func aServerWithoutASocketGoesOn() async throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/.local/lock", withIntermediateDirectories: true)
        let store = store()
        await LocalServing(store, SearchThreads(), nil, nil, .quiet).run()
        #expect(!FileManager.default.fileExists(atPath: socket.path))
        try store.close()
    }
}
