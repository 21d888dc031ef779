import Glibc
import NIOCore
import ServiceLifecycle

/// A part of a shop that a process plays; one process may play several.
package enum Role: String, CaseIterable, Sendable {
    /// Serves customers.
    case app
    /// Serves the back office, on an address of its own.
    case admin
    /// Works in the background: feeds search, ends unpaid orders, runs jobs.
    case worker
}

/// The server of a role, whose errors name the address that it cannot have.
struct RoleServer: Service {
    let role: Role
    let host: String
    let port: Int
    /// Serves until a graceful shutdown.
    let serve: @Sendable () async throws -> Void

    /// Errors: `BindProblem`, and what `serve` throws.
    func run() async throws {
        do {
            try await serve()
        } catch let error as IOError where [EADDRINUSE, EADDRNOTAVAIL, EACCES].contains(error.errnoCode) {
            throw BindProblem(role: role, host: host, port: port, errnoCode: error.errnoCode)
        }
    }
}

/// An address that the server of a role cannot have.
struct BindProblem: Error, Equatable, CustomStringConvertible {
    let role: Role
    let host: String
    let port: Int
    let errnoCode: Int32

    var description: String {
        let reason = errnoCode == EADDRINUSE ? "another program uses the port" : String(cString: strerror(errnoCode))
        return "the role \(role.rawValue) cannot have port \(port) of \(host): \(reason)"
    }
}
