import HTTPTypes
import NIOCore
import Testing

@testable import SearchServer

/// The networks by which clients are counted.
@Suite struct ClientNetworkTests {
    private func network(_ peer: String, _ forwarded: [String] = [], trusting: [String] = []) throws -> [UInt8]? {
        let proxies = try #require(TrustedProxies(trusting))
        var headers = HTTPFields()
        for hops in forwarded { headers.append(HTTPField(name: try #require(.init("X-Forwarded-For")), value: hops)) }
        return proxies.network(try SocketAddress(ipAddress: peer, port: 1), headers)
    }

    @Test func addressesAreCutToTheirNetwork() throws {
        #expect(try network("192.0.2.77") == [192, 0, 2])
        #expect(try network("2001:db8:1:2:3:4:5:6") == [0x20, 1, 0x0D, 0xB8, 0, 1])
        #expect(try network("::ffff:192.0.2.77") == [192, 0, 2])
        #expect(try #require(TrustedProxies()).network(nil, [:]) == nil)
    }

    @Test func onlyTrustedProxiesSpeakForOthers() throws {
        #expect(try network("192.0.2.77", ["198.51.100.9"]) == [192, 0, 2])
        #expect(try network("127.0.0.1", ["198.51.100.9"]) == [198, 51, 100])
        #expect(try network("::1", ["203.0.113.5, 198.51.100.9"]) == [198, 51, 100])
        #expect(try network("127.0.0.1", ["203.0.113.5, 10.0.0.7"], trusting: ["10.0.0.7"]) == [203, 0, 113])
        #expect(try network("10.0.0.7", ["203.0.113.5", "127.0.0.1"], trusting: ["10.0.0.7"]) == [203, 0, 113])
        #expect(try network("127.0.0.1", ["203.0.113.5, unknown"]) == [127, 0, 0])
        #expect(try network("127.0.0.1") == [127, 0, 0])
        #expect(TrustedProxies(["proxy.example"]) == nil)
    }
}
