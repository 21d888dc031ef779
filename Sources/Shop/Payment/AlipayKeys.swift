import Crypto
import CryptoExtras
import FoundationEssentials

/// Signs as the shop, and verifies what Alipay has signed: RSA with SHA-256 and PKCS #1 padding, which Alipay calls
/// RSA2.
struct AlipayKeys: Sendable {
    private let own: _RSA.Signing.PrivateKey
    private let theirs: _RSA.Signing.PublicKey

    /// Reads the keys, which have 2048 bits at least. Errors: `ConfigurationProblem`, which does not show them.
    init(_ settings: AlipaySettings) throws {
        do {
            let text = settings.appKey.value
            own =
                try Self.der(text).map { try _RSA.Signing.PrivateKey(derRepresentation: $0) }
                ?? _RSA.Signing.PrivateKey(pemRepresentation: text)
        } catch {
            throw ConfigurationProblem("alipay.appKey is no RSA private key of 2048 bits or more")
        }
        do {
            let text = settings.publicKey
            theirs =
                try Self.der(text).map { try _RSA.Signing.PublicKey(derRepresentation: $0) }
                ?? _RSA.Signing.PublicKey(pemRepresentation: text)
        } catch {
            throw ConfigurationProblem("alipay.publicKey is no RSA public key of 2048 bits or more")
        }
    }

    /// Returns the signature of a text, in Base64.
    func sign(_ text: String) throws -> String {
        let digest = SHA256.hash(data: Data(text.utf8))
        return try own.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation.base64EncodedString()
    }

    /// True if Alipay has signed some bytes.
    func isSigned(_ bytes: some DataProtocol, _ signature: String) -> Bool {
        guard let signature = Data(base64Encoded: signature) else { return false }
        return theirs.isValidSignature(
            .init(rawRepresentation: signature), for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
    }

    /// Returns the text that is signed for members: all in the order of their names.
    static func text(of members: [String: String]) -> String {
        members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
    }

    /// The bytes of a key without the lines of PEM.
    private static func der(_ text: String) -> Data? {
        text.contains("-----") ? nil : Data(base64Encoded: text.filter { !$0.isWhitespace })
    }
}
