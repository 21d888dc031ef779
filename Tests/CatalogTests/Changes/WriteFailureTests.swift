import Glibc
import Testing

@testable import Catalog

@Suite struct WriteFailureTests {
    /// Errors that pass by themselves, or when another program ends.
    @Test(
        arguments: [
            (.index(.busy), .busy), (.index(.stopped(reason: "x")), .stopped), (.index(.rebuilt(path: "p")), .stopped),
            (.index(.storage(.locked(path: "p", owner: nil))), .locked),
            (.storage(.locked(path: "p", owner: nil)), .locked),
            (.index(.storage(.failed(operation: "write", path: "p", code: ENOSPC))), .diskFull),
            (.index(.storage(.failed(operation: "write", path: "p", code: EIO))), .stopped),
            (.index(.document(problem: "x")), .badDocument(problem: "x")),
        ] as [(CatalogError, WriteFailure)])
    func temporaryErrorsHaveTheirReason(_ error: CatalogError, _ reason: WriteFailure) {
        #expect(error.writeFailure == reason)
    }

    /// Errors that repeating the change cannot end.
    @Test(
        arguments: [
            .index(.corrupt(file: "f", section: "s", offset: 0, problem: "x")), .index(.analyzer(path: "p", name: "a")),
            .index(.format(path: "p", found: 1, supported: 2)), .index(.foreign(path: "p", problem: "x")),
            .index(.storage(.corruptLog(path: "p", offset: 0, reason: "x"))), .profile(path: "p", problem: "x"),
            .keys(path: "p", problem: "x"), .input(.unusable(file: "f", problem: "x")),
        ] as [CatalogError])
    func lastingErrorsNeedAPerson(_ error: CatalogError) {
        #expect(error.writeFailure == .unreadable)
        #expect(error.writeFailure.detail.contains("quire check"))
    }
}
