import HTTPTypes
import Testing

@testable import SearchServer

/// The form in which clients want their replies.
@Suite struct ReplyPreferenceTests {
    @Test(arguments: [
        ("gzip", true), ("gzip, deflate, br", true), ("deflate, gzip;q=1.0, *;q=0.5", true), ("x-gzip", true),
        ("GZIP ; q=0.2", true), ("*", true), ("br, *;q=0.1", true), ("gzip;q=0.5, identity;q=0.5", true),
        ("gzip;q=0", false), ("gzip;q=0.000, *", false), ("*;q=0", false), ("", false), ("deflate, br", false),
        ("identity", false), ("identity;q=1, gzip;q=0.5", false), ("identity;q=0.5, *;q=0.2", false),
        ("gzip;q=x", false), ("gzipped", false), (",,;;", false),
    ])
    func gzipIsChosenByWeight(value: String, isChosen: Bool) {
        #expect(ReplyPreferences.prefersGzip(value) == isChosen)
        #expect(ReplyPreferences([.acceptEncoding: value]).acceptsGzip == isChosen)
        #expect(!ReplyPreferences([:]).acceptsGzip)
    }

    @Test func entityTagsAreComparedWeakly() {
        func has(_ value: String, orAny: Bool = false) -> Bool {
            ReplyPreferences([.ifNoneMatch: value]).has("W/\"a-1\"", orAny: orAny)
        }
        for value in ["W/\"a-1\"", "\"a-1\"", "\"b\", W/\"a-1\"", " W/\"a-1\" ,\"c\""] {
            #expect(has(value), "\(value)")
        }
        for value in ["\"a-2\"", "a-1", "", "*", "W/\"a-1", "\"A-1\""] { #expect(!has(value), "\(value)") }
        #expect(has("*", orAny: true))
        #expect(!ReplyPreferences([:]).has("W/\"a-1\"", orAny: true))
    }
}
