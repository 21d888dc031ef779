import Testing

@testable import Indexer
@testable import Segments

/// Documents and patches of one schema in the members of another.
@Suite struct MemberTranslationTests {
    private static func members(_ fields: [Field]) throws -> Members {
        Members(try Schema(key: "id", fields: [Field("id", .keyword)] + fields))
    }

    @Test func translatesByNameAndConvertsNumbers() throws {
        let source = try Self.members([
            Field("title", .text), Field("price", .integer), Field("weight", .float), Field("old", .keyword),
        ])
        let target = try Self.members([Field("weight", .integer), Field("price", .float), Field("title", .text)])
        let translation = MemberTranslation(from: source, to: target)
        var document = DocumentBuffer()
        document.append(0, text: "b1")
        document.append(1, text: "三体")
        document.append(2, integer: 38)
        document.append(3, float: 2)
        document.append(4, text: "left out")
        var result = DocumentBuffer()
        #expect(translation.translate(document, into: &result) == nil)
        #expect(result.values.count == 4)
        let texts = (0..<2).map { String(decoding: result.text(result.values[$0]), as: UTF8.self) }
        #expect(texts == ["b1", "三体"])
        #expect(result.values[1].member == 3)
        #expect(Double(bitPattern: result.values[2].number) == 38)
        #expect(result.values[3].number == 2)
        let patch = translation.translate([(2, UInt64(7)), (3, nil), (4, nil)])
        #expect(patch?.map(\.member) == [2, 1])
        #expect(patch?.first?.bits == Double(7).bitPattern)
    }

    @Test func refusesWhatDoesNotFit() throws {
        let source = try Self.members([Field("year", .keyword), Field("weight", .float)])
        let target = try Self.members([Field("year", .integer), Field("weight", .integer)])
        let translation = MemberTranslation(from: source, to: target)
        var document = DocumentBuffer()
        document.append(0, text: "b1")
        document.append(1, text: "1999")
        var result = DocumentBuffer()
        #expect(translation.translate(document, into: &result) == "\"year\" expects a whole number, found text")
        document.reset()
        document.append(0, text: "b1")
        document.append(2, float: 1.5)
        #expect(translation.translate(document, into: &result) == "\"weight\" expects a whole number, found a number")
        #expect(translation.translate([(2, Double(1.5).bitPattern)]) == nil)
    }

    @Test func refusesSeveralValuesOfAMemberThatMayHaveOne() throws {
        let source = try Self.members([Field("author", .keyword, multiple: true)])
        let target = try Self.members([Field("author", .keyword)])
        var document = DocumentBuffer()
        document.append(0, text: "b1")
        document.append(1, text: "A")
        document.append(1, text: "B")
        var result = DocumentBuffer()
        let problem = MemberTranslation(from: source, to: target).translate(document, into: &result)
        #expect(problem == "\"author\" has several values, and may have one")
    }
}
