import Foundation
import Testing

@testable import SearchServer

/// The query strings of requests, compared with Foundation's decoding.
@Suite struct QueryParameterTests {
    @Test func randomTextsDecodeAsFoundationDecodesThem() {
        let pieces = [
            "a", "z", "+", "%", "%4", "%41", "%e4%B8%89", "%E4%B8", "%ff", "%00", "%C0%80", "%2", "%g1", "%1g", "=",
            " ",
            "三", "%25", "%2B", "%ED%A0%80", "%F0%9F%98%80", "~",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...6)).map { _ in pieces.randomElement() ?? "" }.joined()
            #expect(percentDecoded(text.utf8) == text.removingPercentEncoding, "\(text)")
            let blanks = text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding
            #expect(percentDecoded(text.utf8, plusIsBlank: true) == blanks, "\(text)")
        }
    }

    @Test func parametersHaveNamesAndValues() throws {
        let parameters = try queryParameters("q=%E4%B8%89+b&&empty=&none&=x&a=b=c%3D&q=2")
        #expect(parameters.map(\.name) == ["q", "empty", "none", "", "a", "q"])
        #expect(parameters.map(\.value) == ["三 b", "", "", "x", "b=c=", "2"])
        // A combining mark after a separator does not hide it.
        #expect(try queryParameters("a=1&\u{301}=2").map(\.value) == ["1", "2"])
    }

    @Test func thousandsOfParametersAreRefused() throws {
        #expect(try queryParameters(Array(repeating: "a", count: 32).joined(separator: "&")).count == 32)
        #expect(throws: Problem.self) { try queryParameters(Array(repeating: "a", count: 33).joined(separator: "&")) }
    }

    @Test(arguments: ["q=%", "q=a%4", "q=%zz", "%ff=1", "ok=1&q=%E4%B8"])
    func badEncodingIsAProblem(query: String) {
        let problem = #expect(throws: Problem.self) { try queryParameters(query) }
        #expect(problem?.code == "bad_encoding")
    }
}
