import Hummingbird
import HummingbirdTesting
import Testing

@testable import Shop

@Suite struct RoleServerTests {
    @Test func aPortInUseIsNamedWithItsRoleAndHost() async throws {
        let first = Application(router: Router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await first.test(.live) { client in
            let port = try #require(client.port)
            let second = RoleServer(role: .admin, host: "127.0.0.1", port: port) {
                let address = ApplicationConfiguration(address: .hostname("127.0.0.1", port: port))
                try await Application(router: Router(), configuration: address).run()
            }
            let problem = try await #require(throws: BindProblem.self) { try await second.run() }
            let reason = "another program uses the port"
            #expect(problem.description == "the role admin cannot have port \(port) of 127.0.0.1: \(reason)")
        }
    }

    @Test func anotherErrorIsNotSaidToBeThatOfAPort() async throws {
        let server = RoleServer(role: .app, host: "127.0.0.1", port: 1) { throw StoreError.busy }
        await #expect(throws: StoreError.self) { try await server.run() }
    }
}
