import Catalog
import Glibc
import Testing

@testable import SearchServer

@Suite struct ProblemTests {
    /// The admin keys are no part of an index: `quire check` does not help.
    @Test func brokenKeysHaveTheirOwnRemedy() {
        let problem = Problem(.keys(path: "/data/admin-keys.json", problem: "x"))
        #expect(problem.status == 500)
        #expect(problem.code == "keys_unreadable")
        #expect(problem.hint?.contains("quire keys add") == true)
        #expect(problem.hint?.contains("quire check") == false)
        #expect(!problem.detail.contains("/data"))
    }

    /// A burst of connections may use up the descriptors for a moment.
    @Test(arguments: [(EMFILE, true), (ENFILE, true), (EACCES, false), (EIO, false)])
    func keysThatLackADescriptorAreTemporarilyUnreadable(code: Int32, isTemporary: Bool) {
        let problem = Problem(keys: .storage(.failed(operation: "open", path: "/data/admin-keys.json", code: code)))
        #expect(problem.status == (isTemporary ? 503 : 500))
        #expect(problem.retryAfter == (isTemporary ? 1 : nil))
        #expect(problem.code == "keys_unreadable")
        #expect(!problem.detail.contains("/data"))
    }

    /// Nobody should send a change again every second to an index that a person must repair.
    @Test func lastingErrorsOfWritingAreNotToBeRepeated() {
        let lasting: [CatalogError] = [
            .index(.corrupt(file: "f", section: "s", offset: 0, problem: "x")), .index(.analyzer(path: "p", name: "a")),
            .index(.format(path: "p", found: 1, supported: 2)), .profile(path: "p", problem: "x"),
            .input(.unusable(file: "f", problem: "x")),
        ]
        for error in lasting {
            let problem = Problem(writing: error)
            #expect(problem.status == 500)
            #expect(problem.code == "index_unreadable")
            #expect(problem.hint?.contains("quire check") == true)
            #expect(problem.retryAfter == nil)
        }
        for error in [CatalogError.index(.busy), .index(.stopped(reason: "x")), .index(.rebuilt(path: "p"))] {
            let problem = Problem(writing: error)
            #expect(problem.status == 503)
            #expect(problem.retryAfter == 1)
        }
        #expect(Problem(writing: .index(.empty(path: "p"))).status == 404)
    }
}
