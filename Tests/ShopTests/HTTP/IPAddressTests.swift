import Testing

@testable import Shop

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "8.8.8.8", true),
        ("0.0.0.0/0", "2001:db8::1", false), ("192.168.1.128/25", "192.168.1.127", false),
        ("192.168.1.128/25", "192.168.1.200", true), ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("127.0.0.1", "127.0.0.1", true),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true),
    ])
    func aNetworkHasItsAddresses(network: String, address: String, contains: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(try #require(IPAddress(address))) == contains)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8"])
    func whatIsNoNetworkIsRefused(text: String) { #expect(IPNetwork(text) == nil) }

    @Test(arguments: [
        // peer, header, client
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),  // A peer that is no proxy cannot choose its address.
        ("127.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("127.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),  // The client wrote the first hop, the proxy the last.
        ("127.0.0.1", "1.2.3.4, 10.0.0.7", "1.2.3.4"),
        ("127.0.0.1", "10.0.0.8, 10.0.0.7", "10.0.0.8"),
        ("127.0.0.1", "1.2.3.4, rubbish", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4, ", "127.0.0.1"),
        ("127.0.0.1", "2001:db8:1:2:3::4", "2001:db8:1:2:3::4"),
    ])
    func theClientIsTheFirstHopFromTheRightThatIsNoProxy(
        peer: String, header: String, client: String
    ) throws {
        let rule = ClientAddressRule(trusted: ["127.0.0.1", "10.0.0.0/8"].compactMap { IPNetwork($0) })
        #expect(rule.client(peer: try #require(IPAddress(peer)), forwardedFor: header) == IPAddress(client))
    }

    @Test func addressesOfOneHouseholdCountAsOneClient() {
        #expect(IPAddress("2001:db8:1:2:3::4")?.clientKey == IPAddress("2001:db8:1:2:ffff::9")?.clientKey)
        #expect(IPAddress("2001:db8:1:3::4")?.clientKey != IPAddress("2001:db8:1:2::4")?.clientKey)
        #expect(IPAddress("::ffff:1.2.3.4")?.clientKey == "1.2.3.4")
    }
}
