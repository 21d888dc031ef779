import Glibc
import Storage
import Testing

/// Every message names the file and the remedy.
@Suite struct StorageErrorTests {
    private static let messages: [(StorageError, [String])] = [
        (
            .failed(operation: "create", path: "/a/b", code: EACCES),
            ["cannot create /a/b: Permission denied", "check the permissions"]
        ),
        (
            .failed(operation: "create", path: "/a/b", code: EROFS),
            ["cannot create /a/b: ", "check the permissions"]
        ),
        (
            .failed(operation: "write", path: "/a/b", code: ENOSPC),
            ["cannot write /a/b: No space left on device", "free some disk space"]
        ),
        (.failed(operation: "write", path: "/a/b", code: EDQUOT), ["cannot write /a/b: ", "free some disk space"]),
        (
            .failed(operation: "open", path: "/a/b", code: EMFILE),
            ["cannot open /a/b: Too many open files", "ulimit -n"]
        ),
        (.failed(operation: "read", path: "/a/b", code: EISDIR), ["cannot read /a/b: Is a directory"]),
        (.missing(path: "/a/b"), ["no /a/b", "check the spelling"]),
        (.locked(path: "/a/b", owner: 1234), ["process 1234", "/a/b", "wait until it ends or stop it"]),
        (.locked(path: "/a/b", owner: nil), ["another process", "/a/b", "wait until it ends or stop it"]),
        (.truncated(path: "/a/b.gz", offset: 77), ["/a/b.gz", "77", "incomplete", "fetch the file again"]),
        (
            .corrupt(path: "/a/b.gz", offset: 78, reason: "incorrect data check"),
            ["/a/b.gz", "78", "incorrect data check", "fetch the file again"]
        ),
    ]

    @Test(arguments: messages)
    func messagesNamePathAndRemedy(error: StorageError, parts: [String]) {
        for part in parts { #expect("\(error)".contains(part)) }
        #expect(!"\(error)".contains("\n"))
    }
}
