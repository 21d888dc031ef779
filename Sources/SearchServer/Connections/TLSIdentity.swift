import NIOCore
import NIOSSL
import Synchronization

/// The certificate of a server and its private key, in files that can be read anew while the server runs. Thread-safe.
///
/// ```swift
/// let identity = try TLSIdentity(certificate: "/etc/quire/tls.pem", key: "/etc/quire/tls.key")
/// try identity.reload()   // after the certificate was renewed: connections from now on have the new one
/// ```
package final class TLSIdentity: Sendable {
    /// The reason why the files cannot be used.
    package struct Problem: Error, CustomStringConvertible {
        /// The reason as a sentence, with the paths.
        package let description: String
    }

    private let certificate: String
    private let key: String
    private let context: Mutex<NIOSSLContext>

    /// Reads a certificate with the chain up to its authority, and its key, both in PEM.
    ///
    /// Errors: `Problem` for files that cannot be read, and for a key of another certificate.
    package init(certificate: String, key: String) throws {
        self.certificate = certificate
        self.key = key
        context = Mutex(try Self.read(certificate, key))
    }

    /// Reads both files again. Errors: as for `init`; then the old certificate stays.
    package func reload() throws {
        let fresh = try Self.read(certificate, key)
        context.withLock { $0 = fresh }
    }

    /// Encrypts a connection that has no handlers yet, on its event loop, and returns the handler that does so.
    func encrypt(_ channel: any Channel) throws -> ChannelHandlerContext {
        let pipeline = channel.pipeline.syncOperations
        let handler = NIOSSLServerHandler(context: context.withLock { $0 })
        try pipeline.addHandler(handler)
        return try pipeline.context(handler: handler)
    }

    private static func read(_ certificate: String, _ key: String) throws -> NIOSSLContext {
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Problem(
                description:
                    "the certificate \(certificate) and the key \(key) cannot be used: \(error); both are files "
                    + "in PEM that the server can read, and belong together")
        }
    }
}
