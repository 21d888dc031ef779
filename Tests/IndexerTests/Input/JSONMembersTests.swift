import Segments
import Testing

@testable import Indexer

/// Objects that no schema describes.
@Suite struct JSONMembersTests {
    private func members(_ text: String) throws -> [String] {
        try members(Array(text.utf8))
    }

    private func members(_ bytes: [UInt8]) throws -> [String] {
        var reader = JSONMembers()
        var found: [String] = []
        try bytes.withUnsafeBufferPointer { bytes in
            try reader.forEach(in: bytes) { name, value throws(IndexError) in
                if name == "stop" { throw .document(problem: "stopped") }
                switch value {
                case .text(let text): found.append("\(name)=\"\(String(decoding: text, as: UTF8.self))\"")
                case .number(let digits): found.append("\(name)=\(String(decoding: digits, as: UTF8.self))")
                case .boolean(let isTrue): found.append("\(name)=\(isTrue)")
                case .null: found.append("\(name)=null")
                case .list(let text), .object(let text):
                    found.append("\(name)=\(String(decoding: text, as: UTF8.self))")
                }
            }
        }
        return found
    }

    @Test func membersAreReadInOrder() throws {
        let long = String(repeating: "三体", count: 300)
        #expect(
            try members(
                #" {"a": "x\n\u4e09", "b\"": -1.5e3, "c" : true,"d":false,"e":null,"f":[1, {"g": 2}],"h":{"i":[]}} "#)
                == ["a=\"x\n三\"", "b\"=-1.5e3", "c=true", "d=false", "e=null", #"f=[1, {"g": 2}]"#, #"h={"i":[]}"#])
        #expect(try members("{\"\(long)\":\"\(long)\"}") == ["\(long)=\"\(long)\""])
        #expect(try members("{}").isEmpty)
    }

    @Test(
        "text that is not one object is refused",
        arguments: [
            "", "1", "[]", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1} x"#, #"{"a":tru}"#, #"{"a":01}"#,
            #"{a:1}"#, #"{"a":[1,}"#, #"{"a":1,"stop":2,"b":3}"#,
        ])
    func refuses(_ text: String) {
        #expect(throws: IndexError.self) { try members(text) }
    }

    @Test func textThatIsNotUTF8IsRefused() {
        #expect(throws: IndexError.self) { try members([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]) }
    }
}
