import Testing

@testable import Segments

/// The problems of documents that a library makes by hand.
@Suite struct DocumentProblemsTests {
    private let members: Members

    init() throws {
        members = Members(
            try Schema(
                key: "id",
                fields: [
                    Field("id", .keyword), Field("title", .text), Field("stock", .integer), Field("rating", .float),
                    Field("isNew", .boolean),
                ]))
    }

    private func problem(_ fill: (inout DocumentBuffer) -> Void) -> String? {
        var document = DocumentBuffer()
        fill(&document)
        return members.problem(of: document)
    }

    @Test func membersAreFoundByName() throws {
        let names = ["id", "title", "stock", "rating", "isNew"]
        #expect(names.compactMap { members.number(of: $0) } == Array(0..<5))
        #expect(members.number(of: "Title") == nil)
        #expect(members.number(of: "id") == members.key)
    }

    @Test func documentsThatFitHaveNoProblem() {
        let found = problem { document in
            document.append(0, text: "a")
            document.append(1, text: "")
            document.append(2, integer: -1)
            document.append(3, float: 0.5)
            document.append(4, boolean: true)
        }
        #expect(found == nil)
    }

    @Test(arguments: [99, 5, -1]) func numbersOfNoMemberAreProblems(_ member: Int) {
        #expect(problem { $0.append(member, text: "x") }?.contains("the member \(member)") == true)
        #expect(problem { $0.append(member, integer: 1) }?.contains("the member \(member)") == true)
    }

    @Test func valuesOfAnotherKindAreProblems() {
        #expect(problem { $0.append(2, text: "5") } == "\"stock\" expects a whole number, found text")
        #expect(problem { $0.append(3, integer: 5) } == "\"rating\" expects a number, found a whole number")
        #expect(problem { $0.append(1, integer: 0) } == "\"title\" expects text, found a whole number")
        #expect(problem { $0.append(4, integer: 1) } == "\"isNew\" expects true or false, found a whole number")
        #expect(problem { $0.append(2, boolean: true) } == "\"stock\" expects a whole number, found true or false")
    }
}
