import Crypto
import Foundation
import Testing

@testable import Catalog

@Suite struct ScopedKeyTests {
    @Test func keysThatWereDerivedShowTheirScope() throws {
        let keys = AccessKeys(BookShelf().folder)
        let parent = try keys.add("storefront", .search)
        for scope in [
            AccessScope(), AccessScope(filter: "language:=zh"), AccessScope(catalogs: ["books", "films"]),
            AccessScope(catalogs: [], filter: "a:=\"?/+ü书\""),
        ] {
            for end in [nil, 7] {
                let key = ScopedKey(scope, of: "storefront", expires: end).text(signedBy: parent)
                let access = AccessKeys.Access(name: "storefront", role: .search, scope: scope, expires: end)
                #expect(try keys.access(of: key) == access)
            }
        }
    }

    @Test func keysWithoutTheirParentAreUnknown() throws {
        let keys = AccessKeys(BookShelf().folder)
        let parent = try keys.add("storefront", .search)
        let key = ScopedKey(AccessScope(filter: "a:=b"), of: "storefront").text(signedBy: parent)
        #expect(try keys.access(of: key) != nil)
        #expect(try keys.remove("storefront"))
        #expect(try keys.access(of: key) == nil)
        // Another key of the same name is not its parent.
        _ = try keys.add("storefront", .search)
        #expect(try keys.access(of: key) == nil)
    }

    /// No byte of a key can be changed, and none can be left out.
    @Test func changedKeysAreUnknown() throws {
        let keys = AccessKeys(BookShelf().folder)
        let parent = try keys.add("storefront", .search)
        let key = ScopedKey(AccessScope(filter: "a:=b"), of: "storefront", expires: 99).text(signedBy: parent)
        let known = try #require(try keys.access(of: key))
        let characters = Array(key)
        for index in characters.indices {
            for other in ["A", "B", "x", "0", "-", "_", ".", "="] as [Character] where other != characters[index] {
                var changed = characters
                changed[index] = other
                // The last character of a part has bits that stand for nothing.
                let access = try keys.access(of: String(changed))
                #expect(access == nil || access == known, "\(String(changed))")
            }
            #expect(try keys.access(of: String(characters[..<index])) == nil)
        }
        let forged = ScopedKey(AccessScope(), of: "storefront").text(signedBy: "guess")
        #expect(try keys.access(of: forged) == nil)
        for text in ["quire_scoped_", "quire_scoped_.", "quire_scoped_e30.e30", "quire_scoped_a.b.c"] {
            #expect(try keys.access(of: text) == nil)
        }
    }

    /// A key with a misspelled member or a blank filter opens nothing.
    @Test func misspelledMembersAndBlankFiltersAreRefused() throws {
        let keys = AccessKeys(BookShelf().folder)
        let parent = try keys.add("storefront", .search)
        let secret = SymmetricKey(data: Data(KeyDigest.of(parent).utf8))
        for (members, isKnown) in [
            (#""filter": "a:=b""#, true), (#""filters": "a:=b""#, false), (#""catalog": ["books"]"#, false),
        ] {
            let object = Data("{\"key\": \"storefront\", \(members)}".utf8)
            let code = Data(HMAC<SHA256>.authenticationCode(for: object, using: secret))
            let parts = [object, code].map {
                $0.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").prefix { $0 != "=" }
            }
            let access = try keys.access(of: "quire_scoped_" + parts.joined(separator: "."))
            #expect((access != nil) == isKnown, "\(members)")
        }
        for filter in ["", "  "] {
            #expect(throws: RequestProblem.self) { try AccessScope(filter: filter).parsedFilter() }
        }
    }

    /// A key as other languages derive it (docs/operate.md).
    @Test func keysFromOtherLanguagesAreKnown() throws {
        let object = Data(#"{"key": "storefront", "filter": "language:=zh", "expires": 1796030400}"#.utf8)
        let parent = "quire_search_" + String(repeating: "0", count: 64)
        // From Python's hmac and base64, with the SHA-256 of the parent as the secret.
        let code = "IBCsRTCr6oMwxYlxAbWAVPCs-Mfq9YdrJplePhjvABA"
        let base64 = object.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").prefix {
            $0 != "="
        }
        let scoped = ScopedKey("quire_scoped_\(base64).\(code)") { name in
            name == "storefront" ? KeyDigest.of(parent) : nil
        }
        #expect(scoped?.scope == AccessScope(filter: "language:=zh"))
        #expect(scoped?.expires == 1_796_030_400)
    }
}
